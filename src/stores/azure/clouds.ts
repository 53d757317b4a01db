import { nearest } from "../../nearest.ts";
import type { AzureCloudName } from "./types.ts";

/** Where a cloud has its vaults and its logins. */
export interface AzureCloud {
  /** Base URL of the login service, without a slash at its end. */
  readonly login: string;
  /** Behind the name of a vault: `vault.azure.net`. */
  readonly vaultSuffix: string;
  /** The resource that tokens for vaults are made for. */
  readonly resource: string;
}

/**
 * https://learn.microsoft.com/en-us/azure/key-vault/general/about-keys-secrets-certificates#dns-suffixes-for-object-identifiers
 * and https://learn.microsoft.com/en-us/entra/identity-platform/authentication-national-cloud. Germany was closed in 2021.
 */
const clouds: Readonly<Record<Exclude<AzureCloudName, "AzureStackCloud">, AzureCloud>> = {
  AzurePublicCloud: cloudOf("vault.azure.net", "https://login.microsoftonline.com"),
  AzureUSGovernmentCloud: cloudOf("vault.usgovcloudapi.net", "https://login.microsoftonline.us"),
  AzureChinaCloud: cloudOf("vault.azure.cn", "https://login.chinacloudapi.cn"),
  AzureGermanCloud: cloudOf("vault.microsoftazure.de", "https://login.microsoftonline.de"),
};

/** The names that people may write. */
export const azureCloudNames = [...(Object.keys(clouds) as (keyof typeof clouds)[]), "AzureStackCloud"] as const;

/** Other names of the same clouds, as Azure's own tools have them. */
const aliases: ReadonlyMap<string, AzureCloudName> = new Map([
  ["azurecloud", "AzurePublicCloud"],
  ["azureusgovernment", "AzureUSGovernmentCloud"],
]);

function cloudOf(vaultSuffix: string, login: string): AzureCloud {
  return { login, vaultSuffix, resource: `https://${vaultSuffix}` };
}

/** Returns the cloud's name for a text in any case; undefined if there is none. */
export function azureCloudName(text: string): AzureCloudName | undefined {
  const lower = text.toLowerCase();
  return azureCloudNames.find((name) => name.toLowerCase() === lower) ?? aliases.get(lower);
}

/** Returns the fix for a text that names no cloud. */
export function azureCloudFix(text: string): string {
  const close = nearest(text, azureCloudNames);
  return close === undefined ? `write one of ${azureCloudNames.join(", ")}` : `did you mean ${close}?`;
}

/** Returns where a cloud is; `own` is the operator's environment, which stands for `AzureStackCloud`. */
export function azureCloud(name: AzureCloudName, own: AzureCloud | undefined): AzureCloud | undefined {
  return name === "AzureStackCloud" ? own : clouds[name];
}
