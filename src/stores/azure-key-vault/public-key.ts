import { createPublicKey, type JsonWebKey } from "node:crypto";
import { ProviderError } from "../../errors.ts";
import type { JsonObject } from "../../formats/json.ts";

/** The curves that a PEM can be written of, as JWK names them (https://learn.microsoft.com/en-us/azure/key-vault/keys/about-keys-details#curve-types). */
const curves: ReadonlySet<string> = new Set(["P-256", "P-384", "P-521"]);

/**
 * The public key of a vault's JSON Web Key as PEM (RFC 7468, 13). Keys in hardware have `-HSM` behind their type. Throws
 * `LK0040` for a key that has none, `LK0036` for one that is none.
 */
export function publicKeyPem(jwk: JsonObject): string {
  const text = (name: string) => {
    const value = jwk.get(name);
    return typeof value === "string" ? value : "";
  };
  const kty = text("kty").replace(/-HSM$/, "");
  if (kty === "oct") throw unfit("the key is symmetric and has no public part", "name a key of type RSA or EC");
  if (kty !== "RSA" && kty !== "EC") {
    if (text("kty") === "") throw unusable();
    throw unfit(
      `the key type ${JSON.stringify(text("kty").slice(0, 32))} is not supported`,
      "name a key of type RSA or EC",
    );
  }
  if (kty === "EC" && text("crv") !== "" && !curves.has(text("crv"))) {
    throw unfit(`the curve ${JSON.stringify(text("crv").slice(0, 32))} is not supported`, "use P-256, P-384 or P-521");
  }
  return pemOf(
    kty === "RSA" ? { kty, n: text("n"), e: text("e") } : { kty, crv: text("crv"), x: text("x"), y: text("y") },
  );
}

function pemOf(key: JsonWebKey): string {
  if (Object.values(key).some((part) => part === "")) throw unusable();
  try {
    return createPublicKey({ key, format: "jwk" }).export({ type: "spki", format: "pem" }).toString();
  } catch {
    // The library's words quote the key.
    throw unusable();
  }
}

function unfit(message: string, fix: string): ProviderError {
  return new ProviderError("LK0040", message, { fix });
}

function unusable(): ProviderError {
  return new ProviderError("LK0036", "the vault answered with a key that is none", {
    fix: "check what answers in place of the vault",
  });
}
