import { LRUCache } from "lru-cache";
import type { Warn } from "../http/pem.ts";
import type { Logger } from "../log.ts";

/** Pod authors can name CA files, so what is remembered has a bound. */
const mostTexts = 1_000;

/** Logs what was left out of CAs, each text once: many connections and the check at the start read the same files. */
export function warnOnce(log: Pick<Logger, "warn">): Warn {
  const told = new LRUCache<string, true>({ max: mostTexts });
  return (text) => {
    if (told.has(text)) return;
    told.set(text, true);
    log.warn({ ca: text }, "a CA certificate cannot be read");
  };
}
