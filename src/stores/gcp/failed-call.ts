import type { ErrorId } from "../../errors.ts";
import type { Meaning, Operation } from "./meaning.ts";

/** A call that failed, for people. */
export interface FailedCall {
  readonly operation: Operation;
  /** The purpose of the call: `reading projects/p/secrets/s as serviceAccount:x`. */
  readonly what: string;
  /** Who was asked: `Secret Manager`. */
  readonly service: string;
  /** The host of the API that was asked, such as `secretmanager.googleapis.com`, for its activation. */
  readonly api: string;
  /** The project that is charged, where it is known. */
  readonly project: string | undefined;
  /** Texts that no error may show. */
  readonly secrets: readonly string[];
  /** Returns the fix for an id, beyond what holds for every call. */
  fix(id: ErrorId, meaning: Meaning): string | undefined;
}
