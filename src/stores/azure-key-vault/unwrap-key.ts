import { ProviderError } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import type { AzureWrappedKey } from "../azure/types.ts";
import type { CallContext, Secret } from "../store.ts";
import { apiVersion, type VaultClient } from "./vault-client.ts";

/** Unwraps a key by one in the vault (https://learn.microsoft.com/en-us/rest/api/keyvault/keys/decrypt/decrypt). */
export async function unwrapKey(asked: AzureWrappedKey, client: VaultClient, context: CallContext): Promise<Secret> {
  const { key, version, wrapped } = asked;
  const { place, principal } = client;
  const path = `/keys/${key}${version === undefined ? "" : `/${version}`}/decrypt?api-version=${apiVersion}`;
  const what = `unwrapping a key by ${key} in the vault ${place.name} as ${principal}`;
  const body = { alg: "RSA-OAEP-256", value: wrapped };
  const answer = await client.post(path, body, { what, name: key, type: "key", action: "decrypt" }, context);
  const value = answer.get("value");
  if (typeof value === "string" && /^[A-Za-z0-9_-]{2,}$/.test(value)) {
    return { value: new Redacted<Uint8Array>(Buffer.from(value, "base64url")) };
  }
  throw new ProviderError("LK0036", `${what} failed: the answer has no value`, {
    fix: "check what answers in place of the vault: a proxy, or the DNS name",
  });
}
