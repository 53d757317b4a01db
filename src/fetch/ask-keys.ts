import { hash } from "node:crypto";
import { canonicalText, keyOf } from "../cache/keys.ts";
import type { Source } from "../plan/plan.ts";
import { familyOf } from "../stores/index.ts";
import type { Identity } from "../stores/store.ts";

/** The keys of one source of a secret for one identity. */
export interface AskKey {
  /** Identity and settings: a session, and what a denied login drops. */
  readonly login: string;
  /** Everything that the answer depends on. */
  readonly key: string;
  /** The ref alone, as a hash: a body may be long, and may be no business of whoever lists the cache. */
  readonly ref: string;
}

/** The part of a source's keys that is the same for everybody. */
interface SourceText {
  readonly settings: string;
  readonly ref: string;
  readonly refHash: string;
}

/** Makes keys. Plans are kept, so what is the same for every mount of a plan is made once. */
export class AskKeys {
  readonly #texts = new WeakMap<Source, SourceText>();

  /** Keys of everything that somebody wants, each made once; `who` as `whoOf` has it. */
  forWho(who: string): (source: Source) => AskKey {
    const logins = new Map<string, string>();
    // What a search finds comes and goes.
    const keys = new WeakMap<Source, AskKey>();
    return (source) => {
      const known = keys.get(source);
      if (known !== undefined) return known;
      const { settings, ref, refHash } = this.#textOf(source);
      const login = logins.get(settings) ?? hash("sha256", `${settings} ${who}`, "base64url");
      logins.set(settings, login);
      const made = { login, key: hash("sha256", `${login} ${ref}`, "base64url"), ref: refHash };
      keys.set(source, made);
      return made;
    };
  }

  #textOf(source: Source): SourceText {
    const known = this.#texts.get(source);
    if (known !== undefined) return known;
    const { store, settings, ref, share } = source;
    const text = {
      settings: keyOf(familyOf(store), settings),
      ref: canonicalText(share === undefined ? ref : [ref, share]),
      refHash: keyOf(ref),
    };
    this.#texts.set(source, text);
    return text;
  }
}

/** Everything of an identity that answers depend on, as text; tells no credentials. */
export function whoOf(identity: Identity): string {
  const { namespace, serviceAccount, serviceAccountUid } = identity;
  return JSON.stringify([namespace, serviceAccount, serviceAccountUid, credentialsDigest(identity)]);
}

/** nodePublishSecretRef's data is part of who asks; its digest stands for it. */
function credentialsDigest({ credentials }: Identity): string | undefined {
  if (credentials === undefined) return undefined;
  const sorted = [...credentials.reveal()].sort(([a], [b]) => (a < b ? -1 : 1));
  return hash("sha256", JSON.stringify(sorted), "base64url");
}
