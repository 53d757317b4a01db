import { parseGoBool } from "../../config/go-bool.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import { azureCloudFix, azureCloudName } from "../../stores/azure/clouds.ts";
import { clientIdForm, tenantForm, vaultNameForm } from "../../stores/azure/settings.ts";
import type { AzureCloudName, AzureIdentity, AzureSettings } from "../../stores/azure/types.ts";
import type { DialectInput } from "../dialect.ts";
import type { OperatorAzure } from "./operator.ts";

/** The vault, its tenant and cloud, and whom the pod acts as; notes what is missing or wrong. */
export function readSettings(input: DialectInput<OperatorAzure>, problems: Problems): AzureSettings | undefined {
  const before = problems.count;
  const text = (name: string) => (input.parameters.get(name) ?? "").trim();
  // In today's order: the flags come first, what they ask for last.
  const on = readModes(text, problems);
  const vault = readVault(text("keyvaultName"), problems);
  const tenant = readTenant(text, problems);
  const cloud = readCloud(text, input.own, problems);
  const identity = readIdentity(on, text, problems);
  return problems.count === before && identity !== undefined ? { vault, cloud, tenant, identity } : undefined;
}

/** A parameter's text without spaces around it. */
type Texts = (name: string) => string;

function readVault(vault: string, problems: Problems): string {
  if (vault === "") {
    problems.add("LK0003", "keyvaultName", "keyvaultName is not provided", "write the name of the vault");
  } else if (!vaultNameForm.test(vault)) {
    const message = `Invalid vault name: ${quoted(vault)}`;
    problems.add("LK0003", "keyvaultName", message, "write its name alone: 3 to 24 letters, digits and -");
  }
  return vault;
}

function readTenant(text: Texts, problems: Problems): string {
  const named = text("tenantID") === "" ? "tenantId" : "tenantID";
  const tenant = text(named);
  if (tenant === "") {
    const fix = "write the id of the vault's tenant: az account show --query tenantId";
    problems.add("LK0003", "tenantID", "tenantId is not provided", fix);
  } else if (!tenantForm.test(tenant)) {
    problems.add("LK0003", named, `${quoted(tenant)} is not a tenant`, "write the tenant's id or its domain");
  }
  return tenant;
}

function readCloud(text: Texts, own: OperatorAzure, problems: Problems): AzureCloudName {
  const written = text("cloudName");
  const cloud = written === "" ? (own.cloud ?? "AzurePublicCloud") : azureCloudName(written);
  if (cloud === undefined) {
    problems.add("LK0003", "cloudName", `cloudName ${quoted(written)} is not valid`, azureCloudFix(written));
    return "AzurePublicCloud";
  }
  const file = text("cloudEnvFileName");
  if (cloud === "AzureStackCloud" && file !== "" && file !== own.environmentFile) {
    const message = `the file ${quoted(file)} is not the operator's: a SecretProviderClass chooses no file of Latchkey's`;
    const fix = `have the operator start Latchkey with --azure-environment-file, and remove cloudEnvFileName`;
    problems.add("LK0003", "cloudEnvFileName", message, fix);
  }
  return cloud;
}

const modes = ["usePodIdentity", "useVMManagedIdentity", "useAzureTokenProxy"] as const;

type Mode = (typeof modes)[number];

function readModes(text: Texts, problems: Problems): readonly Mode[] {
  const on = modes.filter((name) => readFlag(name, text(name), problems));
  if (on.length > 1) {
    const message = `only one identity mode can be enabled at a time: ${on.join(", ")}`;
    problems.add("LK0003", on[1] ?? modes[1], message, "keep one of them");
  }
  return on;
}

function readIdentity(on: readonly Mode[], text: Texts, problems: Problems): AzureIdentity | undefined {
  const clientId = readClient("clientID", text, problems);
  if (on.includes("usePodIdentity")) {
    const message = "pod-managed identity (NMI) is not supported: Azure has ended it";
    const fix =
      "remove usePodIdentity, set clientID, and federate the identity with the service account: az identity federated-credential create";
    problems.add("LK0004", "usePodIdentity", message, fix);
    return undefined;
  }
  if (on.includes("useVMManagedIdentity")) {
    const assigned = readClient("userAssignedIdentityID", text, problems);
    return { by: "managedIdentity", ...(assigned === "" ? {} : { clientId: assigned }) };
  }
  if (on.includes("useAzureTokenProxy")) {
    if (clientId === "") {
      problems.add("LK0003", "clientID", "clientID is required for identity binding", "write the identity's client id");
    }
    return { by: "identityBinding", clientId };
  }
  return clientId === "" ? { by: "servicePrincipal" } : { by: "workloadIdentity", clientId };
}

function readFlag(name: string, text: string, problems: Problems): boolean {
  const flag = text === "" ? false : parseGoBool(text);
  if (flag !== undefined) return flag;
  problems.add("LK0003", name, `${quoted(text)} is not a boolean`, "write true or false");
  return false;
}

function readClient(name: string, text: Texts, problems: Problems): string {
  const clientId = text(name);
  if (clientId === "" || clientIdForm.test(clientId)) return clientId;
  problems.add(
    "LK0003",
    name,
    `${quoted(clientId)} is not a client id`,
    "write the identity's client id: az identity show --query clientId",
  );
  return "";
}
