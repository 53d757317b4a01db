import { LRUCache } from "lru-cache";
import { type Clock, systemClock } from "../async/clock.ts";
import type { Warn } from "../http/pem.ts";
import type { Logger } from "../log.ts";

/** Pod authors can name CA files, so what is remembered has a bound. */
const mostTexts = 1_000;

/** So often it is said again that files which can no longer be read are still in force, in milliseconds. */
const pause = 60_000;

/**
 * Logs what was left out of CAs, each text once: many connections and the check at the start read the same files. What stays
 * in force though its files can no longer be read is logged once a minute, for that ends one day.
 */
export function warnOnce(log: Pick<Logger, "warn">, clock: Pick<Clock, "now"> = systemClock): Warn {
  const told = new LRUCache<string, number>({ max: mostTexts });
  return (text, about) => {
    const before = told.get(text);
    const now = clock.now();
    if (before !== undefined && (about === undefined || now - before < pause)) return;
    told.set(text, now);
    if (about === "kept") log.warn({ files: text }, "TLS files cannot be read, the last good ones are used");
    else log.warn({ ca: text }, "a CA certificate cannot be read");
  };
}
