import { readFile } from "node:fs/promises";
import * as z from "zod";
import { errorName, ProviderError } from "../../errors.ts";
import type { AzureCloud } from "./clouds.ts";

const url = z
  .string()
  .refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol), "must be an http(s) URL");

/** The fields of an environment file that count here; Azure Stack's tools write many more. */
const environment = z.object({
  activeDirectoryEndpoint: url,
  keyVaultEndpoint: url,
  keyVaultDNSSuffix: z.string().regex(/^[A-Za-z0-9.-]{1,253}$/, "must be a DNS name"),
  resourceIdentifiers: z.object({ keyVault: z.string().optional() }).optional(),
});

/**
 * Reads the operator's environment file, in the form that `AZURE_ENVIRONMENT_FILEPATH` names for Azure's own tools
 * (https://github.com/Azure/go-autorest/blob/main/autorest/azure/environments.go). Throws `LK0020`.
 */
export async function readEnvironment(path: string): Promise<AzureCloud> {
  const text = await readFile(path, "utf8").catch((thrown: NodeJS.ErrnoException) => {
    throw unusable(path, `cannot be read (${thrown.code ?? errorName(thrown)})`);
  });
  const parsed = environment.safeParse(jsonOf(text));
  if (!parsed.success) {
    const said = parsed.error.issues.map(({ path: at, message }) => `${at.join(".") || "it"}: ${message}`).join("; ");
    throw unusable(path, `is no environment: ${said}`);
  }
  const { activeDirectoryEndpoint, keyVaultEndpoint, keyVaultDNSSuffix, resourceIdentifiers } = parsed.data;
  const named = resourceIdentifiers?.keyVault ?? "";
  return {
    login: trimmed(activeDirectoryEndpoint),
    vaultSuffix: keyVaultDNSSuffix.replace(/^\./, ""),
    // Azure's tools write "N/A" for what an environment does not have.
    resource: trimmed(URL.canParse(named) ? named : keyVaultEndpoint),
  };
}

function trimmed(text: string): string {
  return text.replace(/\/+$/, "");
}

/** Not a `JsonValue`: the schema takes what it needs. A parser's message would quote the file. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return undefined;
    throw thrown;
  }
}

function unusable(path: string, what: string): ProviderError {
  return new ProviderError("LK0020", `the Azure environment file ${JSON.stringify(path)} ${what}`, {
    fix: "give --azure-environment-file a JSON file with activeDirectoryEndpoint, keyVaultEndpoint and keyVaultDNSSuffix",
  });
}
