import { ProviderError } from "../../src/errors.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The id of what `work` throws, as time passes by a minute at most. */
export async function errorIdOf(work: Promise<unknown>, time?: VirtualTime): Promise<string> {
  const ended = work.then(
    () => "no error",
    (thrown: unknown) => (thrown instanceof ProviderError ? thrown.id : String(thrown)),
  );
  await time?.advance(60_000);
  return await ended;
}

/** The state of some work so far. */
export interface Watched<T> {
  readonly state: "pending" | "fulfilled" | "rejected";
  readonly value?: T;
  readonly reason?: unknown;
}

/** Follows a promise without waiting for it. */
export function watch<T>(work: Promise<T>): Watched<T> {
  const watched: { state: Watched<T>["state"]; value?: T; reason?: unknown } = { state: "pending" };
  work.then(
    (value) => Object.assign(watched, { state: "fulfilled", value }),
    (reason: unknown) => Object.assign(watched, { state: "rejected", reason }),
  );
  return watched;
}
