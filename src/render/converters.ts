import type { Plan } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";
import type { Secret } from "../stores/store.ts";

/** The functions that read and write PKCS#12; undefined if no file of a volume needs them, so that their library is not loaded. */
export interface Converters {
  readonly read?: typeof import("../formats/pkcs12/pem-of-pkcs12.ts").pemOfPkcs12;
  readonly write?: typeof import("../formats/pkcs12/key-store-of-pem.ts").keyStoreOfPem;
}

/** The media type of base64 text of a PKCS#12 file, as Azure has it (https://learn.microsoft.com/en-us/azure/key-vault/certificates/about-certificates#composition-of-a-certificate). */
export const pkcs12Type = "application/x-pkcs12";

/** Loads what the files of a plan need of these secrets; undefined if they need nothing. */
export function loadConverters(plan: Plan, secrets: ReadonlyMap<string, Secret>): Promise<Converters> | undefined {
  const steps = [...plan.outputs, ...(plan.expansions ?? [])].flatMap(({ select }) => select.steps);
  const opens = steps.some(({ kind }) => kind === "openKeyStore");
  const reads = opens || (steps.some(readsCertificates) && [...secrets.values()].some(isPkcs12));
  const writes = steps.some(({ kind }) => kind === "keyStore");
  return reads || writes ? load(reads, writes) : undefined;
}

async function load(reads: boolean, writes: boolean): Promise<Converters> {
  const [reader, writer] = await Promise.all([
    reads ? import("../formats/pkcs12/pem-of-pkcs12.ts") : undefined,
    writes ? import("../formats/pkcs12/key-store-of-pem.ts") : undefined,
  ]);
  return {
    ...(reader === undefined ? {} : { read: reader.pemOfPkcs12 }),
    ...(writer === undefined ? {} : { write: writer.keyStoreOfPem }),
  };
}

function readsCertificates({ kind }: Step): boolean {
  return kind === "certificate" || kind === "pem" || kind === "keyStore";
}

function isPkcs12({ mediaType, found }: Secret): boolean {
  return mediaType === pkcs12Type || (found !== undefined && [...found.values()].some(isPkcs12));
}
