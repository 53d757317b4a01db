import { forPlans, option, optional } from "../../config/option.ts";
import { flag, list, path, text, tokenUrl, url, type ValueType } from "../../config/values.ts";
import { azureCloudName, azureCloudNames } from "./clouds.ts";
import type { AzureCloudName } from "./types.ts";

const cloud: ValueType<AzureCloudName> = {
  placeholder: "<cloud>",
  allowed: azureCloudNames.join(", "),
  parse: azureCloudName,
};

/** A namespace of Kubernetes, or `*` for all. */
const namespace: ValueType<string> = {
  placeholder: "<namespace>",
  allowed: "a namespace, or *",
  parse: (value) => (/^(?:\*|[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)$/.test(value) ? value : undefined),
};

/** A URL with `{vault}` in it, or without. */
const vaultUrl: ValueType<string> = {
  ...url,
  allowed: `${url.allowed}; {vault} stands for the vault's name`,
  parse: (value) =>
    url.parse(value.replaceAll("{vault}", "vault")) === undefined ? undefined : value.replace(/\/+$/, ""),
};

/** How Azure is reached. */
export const azureOptions = {
  ...forPlans({
    azureCloud: option(cloud, "AzurePublicCloud", "Azure cloud where the SecretProviderClass names none"),
    azureTenant: optional(
      text,
      "tenant where a SecretProviderClass of the native dialect names none; default: the annotation azure.workload.identity/tenant-id of the service account",
    ),
    azureEnvironmentFile: optional(
      path,
      "JSON file with the endpoints of the cloud AzureStackCloud",
      "AZURE_ENVIRONMENT_FILEPATH",
    ),
    azureConstructPemChain: option(
      flag,
      true,
      "order the certificates of a PKCS#12 secret from leaf to root, in the dialect azure",
    ),
    azureSeparateFiles: option(
      flag,
      false,
      "write a certificate's chain and key beside it too, as NAME.crt and NAME.key, in the dialect azure",
    ),
    azureManagedIdentity: option(
      list(namespace),
      [],
      "namespaces whose pods may read vaults as a managed identity of the node; * for all. Default: none, for every pod there has the same rights",
    ),
  }),
  azureTokenAudience: option(
    text,
    "api://AzureADTokenExchange",
    "audience of the pods' tokens that Microsoft Entra ID takes; some national clouds have their own",
  ),
  azureVaultUrl: optional(vaultUrl, "base URL instead of every vault's own; {vault} stands for the vault's name"),
  azureLoginUrl: optional(tokenUrl, "base URL instead of every cloud's own login service"),
  azureImdsUrl: option(
    url,
    "http://169.254.169.254",
    "base URL of the Instance Metadata Service, for managed identities",
  ),
  azureCaBundle: optional(path, "PEM file with the CAs of Azure; default: the CAs that Node.js brings"),
  azureTokenProxyUrl: optional(
    tokenUrl,
    "base URL of the token proxy of AKS identity bindings; default: https://kubernetes.default.svc.cluster.local",
  ),
  azureTokenProxyServerName: optional(
    text,
    "TLS server name of the token proxy; default: worked out from the API server's certificate, as AKS does",
  ),
  azureTokenProxyCaFile: option(
    path,
    "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt",
    "PEM file with the CA of the token proxy",
  ),
};
