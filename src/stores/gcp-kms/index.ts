import type { ZodType } from "zod";
import * as z from "zod";
import type { GcpFamily } from "../gcp/family.ts";
import { gcpSettings } from "../gcp/settings.ts";
import type { GcpKeyRef, GcpSettings } from "../gcp/types.ts";
import type { Store } from "../store.ts";

/** https://cloud.google.com/kms/docs/getting-resource-ids */
const keyForm =
  /^projects\/[a-z0-9.:-]{1,100}\/locations\/[a-z0-9-]{1,63}\/keyRings\/[\w-]{1,63}\/cryptoKeys\/[\w-]{1,63}$/;

const gcpKeyRef: ZodType<GcpKeyRef> = z
  .strictObject({
    key: z.string().regex(keyForm, "must be projects/P/locations/L/keyRings/R/cryptoKeys/K"),
    ciphertext: z.string().regex(/^[A-Za-z0-9+/]{4,65536}={0,2}$/, "must be base64"),
  })
  .transform(({ key, ciphertext }) => ({ service: "cloudkms", key, ciphertext }));

/** Unwraps keys by Google Cloud KMS, with the sessions of the stores of Google Cloud. */
export function createGcpKms(family: GcpFamily): Store<GcpSettings, GcpKeyRef> {
  return {
    kind: "gcp-kms",
    ...family,
    settings: (author) => gcpSettings("gcp-kms", author),
    ref: gcpKeyRef,
    search: { query: z.never("keys are not searched for"), refOf: (query) => query },
    nameOf: ({ key }) => key,
  };
}
