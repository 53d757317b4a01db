import { readFile } from "node:fs/promises";
import { ProviderError } from "../../errors.ts";
import { isJsonObject, type JsonObject, type JsonValue, memberOf, parseJsonOrNothing } from "../../formats/json.ts";
import { Redacted } from "../../redacted.ts";
import { federationForm } from "./names.ts";
import type { GcpPool } from "./types.ts";

/** Credentials as Google's tools write them into files (https://google.aip.dev/auth/4110). */
export type Credential =
  | {
      readonly type: "service_account";
      readonly email: string;
      readonly keyId: string | undefined;
      readonly privateKey: Redacted<string>;
      readonly tokenUrl: string;
    }
  | {
      readonly type: "authorized_user";
      readonly clientId: string;
      readonly clientSecret: Redacted<string>;
      readonly refreshToken: Redacted<string>;
    }
  | {
      readonly type: "external_account";
      readonly pool: GcpPool;
      /** The file that holds the token to exchange, and the field of its JSON if it is no bare text. */
      readonly file: string;
      readonly field: string | undefined;
      /** The service account that the federated token is exchanged for. */
      readonly account: string | undefined;
    };

/** Reads an operator's file. Throws `LK0020`. */
export async function readCredentialFile(path: string): Promise<Credential> {
  return parseCredential(await textOf(path), `the credentials file ${path}`, "LK0020");
}

/** Returns the pool that an operator's credential configuration names; undefined if the file holds other credentials. */
export async function poolOfConfiguration(path: string): Promise<GcpPool | undefined> {
  const written = parseJsonOrNothing(await textOf(path));
  if (memberOf(written, "type") !== "external_account") return undefined;
  return isJsonObject(written) ? poolIn(written, wrong(`the credentials file ${path}`, "LK0020")) : undefined;
}

/** The error ids of a file of the operator's and of a pod's. */
type WrongId = "LK0020" | "LK0016";

/** Reads the text of a file with credentials; `whose` names it. Throws an error of this id, which quotes nothing of it. */
export function parseCredential(text: string, whose: string, id: WrongId): Credential {
  const written = parseJsonOrNothing(text);
  const fail = wrong(whose, id);
  if (!isJsonObject(written)) throw fail("is not a JSON object");
  const type = written.get("type");
  switch (type) {
    case "service_account":
      return serviceAccountIn(written, fail);
    case "authorized_user":
      return authorizedUserIn(written, fail);
    case "external_account":
      return externalAccountIn(written, fail);
    default:
      throw fail(`has ${typeof type === "string" ? "a type that is not supported" : "no type"}`);
  }
}

type Fail = (what: string) => ProviderError;

function wrong(whose: string, id: WrongId): Fail {
  return (what) =>
    new ProviderError(id, `${whose} ${what}`, {
      login: true,
      fix: "put the key of a service account there, as gcloud iam service-accounts keys create writes it",
    });
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (thrown) {
    throw new ProviderError("LK0020", `the credentials file ${path} cannot be read`, {
      login: true,
      cause: thrown,
      fix: "mount it into Latchkey's container, readable for its user",
    });
  }
}

function fieldOf(written: JsonObject, name: string, fail: Fail): string {
  const value = written.get(name);
  if (typeof value === "string" && value !== "") return value;
  throw fail(`has no ${name}`);
}

function serviceAccountIn(written: JsonObject, fail: Fail): Credential {
  const keyId = written.get("private_key_id");
  return {
    type: "service_account",
    email: fieldOf(written, "client_email", fail),
    keyId: typeof keyId === "string" && keyId !== "" ? keyId : undefined,
    privateKey: new Redacted(fieldOf(written, "private_key", fail)),
    tokenUrl: tokenUrlIn(written, fail),
  };
}

function tokenUrlIn(written: JsonObject, fail: Fail): string {
  const text = written.get("token_uri") ?? "https://oauth2.googleapis.com/token";
  const url = typeof text === "string" ? URL.parse(text) : null;
  const isSafe = url?.protocol === "https:" || url?.hostname === "127.0.0.1";
  if (url !== null && isSafe && url.username === "" && url.password === "") return url.href;
  throw fail("has a token_uri that is not an https:// URL");
}

function authorizedUserIn(written: JsonObject, fail: Fail): Credential {
  return {
    type: "authorized_user",
    clientId: fieldOf(written, "client_id", fail),
    clientSecret: new Redacted(fieldOf(written, "client_secret", fail)),
    refreshToken: new Redacted(fieldOf(written, "refresh_token", fail)),
  };
}

/** https://google.aip.dev/auth/4117. Of its sources only files are read: a URL or a program would be somebody else's word. */
function externalAccountIn(written: JsonObject, fail: Fail): Credential {
  const source = written.get("credential_source");
  const file = memberOf(source, "file");
  if (typeof file !== "string" || file === "") throw fail("takes its token from something else than a file");
  return {
    type: "external_account",
    pool: poolIn(written, fail),
    file,
    field: fieldOfFormat(memberOf(source, "format")),
    account: accountIn(written.get("service_account_impersonation_url"), fail),
  };
}

function fieldOfFormat(format: JsonValue | undefined): string | undefined {
  const field = memberOf(format, "subject_token_field_name");
  return memberOf(format, "type") === "json" && typeof field === "string" ? field : undefined;
}

function accountIn(url: JsonValue | undefined, fail: Fail): string | undefined {
  if (url === undefined) return undefined;
  const account =
    typeof url === "string" ? /\/serviceAccounts\/([^/:]{1,256}):generateAccessToken$/.exec(url)?.[1] : undefined;
  if (account === undefined) throw fail("has a service_account_impersonation_url that names no service account");
  return account;
}

/** `identitynamespace:POOL:PROVIDER` of a GKE cluster or fleet, or the name of a provider. A provider is a URL and holds colons. */
function poolIn(written: JsonObject, fail: Fail): GcpPool {
  const audience = fieldOf(written, "audience", fail);
  const [, id, provider] = /^identitynamespace:([^:]+):(.+)$/.exec(audience) ?? [];
  if (id !== undefined && provider !== undefined) return { kind: "cluster", id, provider };
  if (federationForm.test(audience)) return { kind: "federation", resource: audience };
  throw fail("has an audience that names neither an identity namespace nor a provider of a workload identity pool");
}
