import { hash } from "node:crypto";
import { canonicalText, keyOf } from "../cache/keys.ts";
import type { Wanted } from "../dialects/plan.ts";
import type { Identity } from "../stores/store.ts";

/** The keys of one wanted secret for one identity. */
export interface AskKey {
  /** Identity and settings: a session, and what a denied login drops. */
  readonly login: string;
  /** Everything that the answer depends on. */
  readonly key: string;
}

/** The part of a source's keys that is the same for everybody. */
interface SourceText {
  readonly settings: string;
  readonly ref: string;
}

/** Makes keys. Plans are kept, so what is the same for every mount of a plan is made once. */
export class AskKeys {
  readonly #texts = new WeakMap<Wanted, SourceText>();

  /** Keys of everything that one identity wants. */
  forIdentity(identity: Identity): (wanted: Wanted) => AskKey {
    const { namespace, serviceAccount, serviceAccountUid } = identity;
    const who = canonicalText([namespace, serviceAccount, serviceAccountUid, credentialsDigest(identity)]);
    const logins = new Map<string, string>();
    return (wanted) => {
      const { settings, ref } = this.#textOf(wanted);
      const login = logins.get(settings) ?? hash("sha256", `${settings} ${who}`, "base64url");
      logins.set(settings, login);
      return { login, key: hash("sha256", `${login} ${ref}`, "base64url") };
    };
  }

  #textOf(wanted: Wanted): SourceText {
    const known = this.#texts.get(wanted);
    if (known !== undefined) return known;
    const { store, settings, ref } = wanted.source;
    const text = { settings: keyOf(store, settings), ref: canonicalText(ref) };
    this.#texts.set(wanted, text);
    return text;
  }
}

/** nodePublishSecretRef's data is part of who asks; its digest stands for it. */
function credentialsDigest({ credentials }: Identity): string | undefined {
  if (credentials === undefined) return undefined;
  const sorted = [...credentials.reveal()].sort(([a], [b]) => (a < b ? -1 : 1));
  return hash("sha256", JSON.stringify(sorted), "base64url");
}
