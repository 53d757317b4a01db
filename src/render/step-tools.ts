import type { Converters } from "./converters.ts";
import type { RenderWork } from "./render-work.ts";

/** A secret's bytes, and what they are where the store vouches for it. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly mediaType?: string | undefined;
}

/** Everything that steps need besides the content. */
export interface StepTools {
  /** Bounds what all files of a volume take. */
  readonly work: RenderWork;
  readonly converters: Converters;
  /** The secret of a `Wanted.id`; undefined where it could not be had. */
  secretOf(id: string): Content | undefined;
}
