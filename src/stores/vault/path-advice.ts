import { isJsonObject, JsonNumber, memberOf, parseJsonOrNothing } from "../../formats/json.ts";
import type { VaultRef, VaultSearch } from "./types.ts";

/** Roots that hold no secrets engine of that kind. */
const otherRoots: ReadonlySet<string> = new Set(["auth", "sys", "identity", "cubbyhole"]);

/** The parts that follow the mount of other engines, and of KV version 2 itself. */
const otherParts: ReadonlySet<string> = new Set(
  [
    "metadata delete undelete destroy subkeys config creds static-creds roles role static-role sts issue sign sign-verbatim ca",
    "ca_chain cert certs crl issuer issuers keys key export encrypt decrypt rewrap datakey hmac random verify code token library",
  ].flatMap((line) => line.split(" ")),
);

/**
 * The path with `data/` behind its first part, for one that may be of KV version 2 and lacks it; undefined for any other. Where
 * a mount ends cannot be seen, so this is an example.
 */
function withData(path: string): string | undefined {
  const [mount = "", ...rest] = path.split("/");
  const isOther =
    otherRoots.has(mount) || otherParts.has(rest[0] ?? "") || path.split("/").slice(1, -1).includes("data");
  return rest.length === 0 || isOther ? undefined : [mount, "data", ...rest].join("/");
}

/** Returns the fix for a denial: the commonest cause first, if the path allows for it. */
export function deniedFix(ref: VaultRef, path: string, policy: string): string {
  const example = ref.method === "GET" || ref.method === "LIST" ? withData(path) : undefined;
  if (example === undefined) return policy;
  return `write data/ after the mount if the engine is KV version 2, as in ${JSON.stringify(example)}; otherwise ${policy}`;
}

/** The words for a secret that is not there, and the fix. */
interface Absence {
  /** Goes into the message; empty where the server told nothing. */
  readonly said: string;
  readonly fix: string;
}

/** Returns the meaning of a 404: a version that is gone, or a path that has nothing. */
export function absenceOf(ref: VaultRef, path: string, body: Uint8Array): Absence {
  return goneVersion(path, body) ?? { said: "", fix: absentFix(ref, path) };
}

function absentFix(ref: VaultRef, path: string): string {
  const example = withData(path);
  if (example !== undefined) {
    return `check the path; KV version 2 wants data/ after the mount, as in ${JSON.stringify(example)}`;
  }
  if (!path.split("/").includes("data")) return "check the path";
  const version = new URLSearchParams(ref.query).has("version") ? " and the version" : "";
  return `check the path${version}, and that the secret was written there`;
}

/** https://developer.hashicorp.com/vault/api-docs/secret/kv/kv-v2#read-secret-version */
function goneVersion(path: string, body: Uint8Array): Absence | undefined {
  const metadata = memberOf(memberOf(parseJsonOrNothing(body), "data"), "metadata");
  if (!isJsonObject(metadata)) return undefined;
  const version = metadata.get("version");
  if (!(version instanceof JsonNumber) || !/^[0-9]{1,18}$/.test(version.text)) return undefined;
  if (metadata.get("destroyed") === true) {
    const fix = "write a new version, or ask for another one by ?version=: a destroyed version cannot be restored";
    return { said: `version ${version.text} was destroyed`, fix };
  }
  const time = metadata.get("deletion_time");
  if (typeof time !== "string" || !/^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,20}Z$/.test(time)) return undefined;
  const [mount = "", name = ""] = path.split("/data/", 2);
  const command = `vault kv undelete -mount=${mount} -versions=${version.text} ${name}`;
  return {
    said: `version ${version.text} was deleted at ${time}`,
    fix: `undelete it (${command}), or write a new version`,
  };
}

/** Returns the fix for a search that finds nothing: the path that was listed shows what was taken for granted. */
export function emptySearchFix({ prefix, listed }: VaultSearch): string {
  const folder = listed.slice("/v1/".length);
  const first = `check the prefix: ${JSON.stringify(folder)} was listed`;
  const at = folder.indexOf("/metadata");
  if (at > 0) {
    const mount = JSON.stringify(folder.slice(0, at));
    return `${first}; write kv: 1 if the engine is KV version 1, or mount: if its mount is not ${mount}`;
  }
  if (folder.split("/").slice(1).includes("data")) return `${first}; leave kv: 1 out if the engine is KV version 2`;
  const example = withData(prefix);
  if (example === undefined) return first;
  return `${first}; KV version 2 wants data/ after the mount, as in ${JSON.stringify(example)}`;
}
