import { ProviderError } from "../../errors.ts";
import { decodeGoBase64 } from "../../formats/go-encodings.ts";
import { isJsonObject, type JsonObject } from "../../formats/json.ts";
import { ownBytes } from "../../formats/own-bytes.ts";
import { Redacted } from "../../redacted.ts";
import type { AzureObjectType } from "../azure/types.ts";
import type { Secret } from "../store.ts";
import { publicKeyPem } from "./public-key.ts";

/** The secret in an answer of the vault: the value of a secret, the public key of a key, the certificate of a certificate. Throws `LK0036`, `LK0040`. */
export function secretIn(type: AzureObjectType, answer: JsonObject): Secret {
  if (type === "secret") return valueIn(answer);
  return type === "key" ? keyIn(answer) : certificateIn(answer);
}

/**
 * https://learn.microsoft.com/en-us/rest/api/keyvault/secrets/get-secret/get-secret#secretbundle. Of a secret that backs a
 * certificate, which has a `kid`, the vault itself says what it is; the content type of any other is its owner's own note.
 */
function valueIn(answer: JsonObject): Secret {
  const value = answer.get("value");
  if (typeof value !== "string") throw noObject("value");
  const isCertificate = typeof answer.get("kid") === "string";
  const contentType = answer.get("contentType");
  const mediaType = isCertificate ? { mediaType: typeof contentType === "string" ? contentType : "" } : {};
  return { ...secretOf(value, idIn(answer)), ...mediaType };
}

function keyIn(answer: JsonObject): Secret {
  const key = answer.get("key");
  if (!isJsonObject(key)) throw noObject("key");
  const kid = key.get("kid");
  return secretOf(publicKeyPem(key), typeof kid === "string" ? kid : undefined);
}

function certificateIn(answer: JsonObject): Secret {
  const cer = answer.get("cer");
  if (typeof cer !== "string" || cer === "") throw noObject("cer");
  const lines =
    Buffer.from(certificateBytes(cer))
      .toString("base64")
      .match(/.{1,64}/g) ?? [];
  const pem = `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
  return secretOf(pem, idIn(answer));
}

function certificateBytes(cer: string): Uint8Array {
  try {
    return decodeGoBase64(cer);
  } catch {
    // The decoder's words are about a text that nobody who reads the error knows.
    throw noObject("cer");
  }
}

function secretOf(text: string, id: string | undefined): Secret {
  const version = versionOf(id);
  return { value: new Redacted(ownBytes(text)), ...(version === undefined ? {} : { version }) };
}

function idIn(answer: JsonObject): string | undefined {
  const id = answer.get("id");
  return typeof id === "string" ? id : undefined;
}

/** The last part of an object's id: `https://VAULT/secrets/NAME/VERSION`. */
function versionOf(id: string | undefined): string | undefined {
  return /\/(?:secrets|keys|certificates)\/[^/]+\/([0-9A-Za-z-]{1,64})\/?$/.exec(id ?? "")?.[1];
}

function noObject(field: string): ProviderError {
  return new ProviderError("LK0036", `the vault answered without ${field}`, {
    fix: "check what answers in place of the vault, and that the object is complete: a certificate may still be pending",
  });
}
