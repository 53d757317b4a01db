import { createHmac, randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { errorName, ProviderError } from "../../errors.ts";
import type { ClientPair } from "../../http/pem.ts";
import { Redacted } from "../../redacted.ts";
import type { Identity } from "../store.ts";
import type { AppRoleAuth, VaultSettings } from "./types.ts";

/** The credentials that an AppRole login sends. */
export interface AppRole {
  readonly roleId: string;
  /** Absent where the role asks for none. */
  readonly secretId?: string;
}

/** Whether all that a login is made from is the pod's own, and none of it the operator's. */
export function bringsCredentials({ auth, tls }: VaultSettings): boolean {
  if (auth.method === "approle") return auth.roleIdFile === undefined && auth.secretIdFile === undefined;
  return auth.method === "cert" && tls.clientCertFile === undefined;
}

/**
 * The AppRole of an identity, read at each login: from the operator's files where the settings name them, else from the
 * pod's nodePublishSecretRef. Throws `LK0016` where there is none, `LK0020` for a file that cannot be read.
 */
export async function readAppRole(auth: AppRoleAuth, identity: Identity): Promise<AppRole> {
  const roleId = await part(auth.roleIdFile, identity, "role_id");
  if (roleId === undefined) throw missing("role_id", `auth/${auth.mount}`);
  const secretId = await part(auth.secretIdFile, identity, "secret_id");
  return { roleId, ...(secretId === undefined ? {} : { secretId }) };
}

/**
 * The client certificate that an identity logs in with, where it brings one of its own; the settings' certificate counts
 * else. Throws `LK0016` where there is neither, or only half of it.
 */
export function ownCertificate({ auth, tls }: VaultSettings, identity: Identity): ClientPair | undefined {
  if (auth.method !== "cert") return undefined;
  const cert = credential(identity, "tls.crt");
  const key = credential(identity, "tls.key");
  if (cert !== undefined && key !== undefined) return { cert, key: new Redacted(key) };
  if (cert === undefined && key === undefined && tls.clientCertFile !== undefined) return undefined;
  throw missing(cert === undefined ? "tls.crt" : "tls.key", `auth/${auth.mount}`);
}

const digestKey = randomBytes(32);

/** Stands for a certificate of one identity, in this process only: equal for the same one of the same identity. */
export function digestOf({ cert, key }: ClientPair, { namespace, serviceAccount }: Identity): string {
  const parts = JSON.stringify([namespace, serviceAccount, cert, key.reveal()]);
  return createHmac("sha256", digestKey).update(parts).digest("base64url");
}

async function part(file: string | undefined, identity: Identity, name: string): Promise<string | undefined> {
  if (file === undefined) return credential(identity, name)?.trim();
  const text = await readFile(file, "utf8").catch((thrown: unknown) => {
    const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : errorName(thrown);
    throw new ProviderError("LK0020", `the file ${file} of the AppRole's ${name} cannot be read (${code})`, {
      fix: "check the path and its permissions in Latchkey's own file system",
    });
  });
  return text.trim() || undefined;
}

function credential({ credentials }: Identity, name: string): string | undefined {
  return credentials?.reveal().get(name) || undefined;
}

function missing(name: string, where: string): ProviderError {
  return new ProviderError("LK0016", `the login at ${where} needs ${name}, and the request brought none`, {
    fix: `put ${name} into the Secret that nodePublishSecretRef of the pod's volume names`,
    login: true,
  });
}
