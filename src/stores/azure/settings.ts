import type { ZodType } from "zod";
import * as z from "zod";
import type { Author } from "../store.ts";
import { azureCloudFix, azureCloudName } from "./clouds.ts";
import type { AzureHost } from "./host.ts";
import type { AzureIdentity, AzureSettings } from "./types.ts";

/** https://learn.microsoft.com/en-us/azure/azure-resource-manager/management/resource-name-rules#microsoftkeyvault */
export const vaultNameForm = /^[A-Za-z0-9-]{3,24}$/;

/** An id or a domain: it becomes part of a path. */
export const tenantForm = /^[A-Za-z0-9.-]{1,253}$/;

/** A client id is a GUID; whatever else the login service may take is judged by it. */
export const clientIdForm = /^[A-Za-z0-9.-]{1,128}$/;

const clientId = z.string().regex(clientIdForm, "must be a client id, such as 00000000-0000-0000-0000-000000000000");

const cloud = z.string().superRefine((text, context) => {
  if (azureCloudName(text) !== undefined) return;
  context.addIssue({ code: "custom", message: "is not a cloud of Azure", params: { fix: azureCloudFix(text) } });
});

const written = {
  vault: z.string().regex(vaultNameForm, "must be the name of a vault: 3 to 24 letters, digits and -"),
  cloud: cloud.optional(),
  tenant: z.string().regex(tenantForm, "must be the id or the domain of a tenant").optional(),
  clientId: clientId.optional(),
  auth: z.enum(["workloadIdentity", "identityBinding", "servicePrincipal", "managedIdentity"]).optional(),
};

/** The settings as the native dialect writes them. */
export function azureSettings(kind: string, author: Author, host: AzureHost): ZodType<AzureSettings> {
  return z
    .strictObject({ kind: z.literal(kind).optional(), ...written })
    .superRefine(({ auth, clientId: id }, context) => {
      const complain = (message: string) => context.addIssue({ code: "custom", path: ["clientId"], message });
      if (auth === "servicePrincipal" && id !== undefined) complain("is in the Secret of nodePublishSecretRef");
      if (auth === "identityBinding" && id === undefined) complain("is missing");
    })
    .transform((given) => settingsOf(given, author, host));
}

type Written = z.infer<z.ZodObject<typeof written>>;

function settingsOf(given: Written, author: Author, host: AzureHost): AzureSettings {
  const tenant = given.tenant ?? host.tenant;
  return {
    vault: given.vault,
    cloud: azureCloudName(given.cloud ?? "") ?? host.cloud ?? "AzurePublicCloud",
    ...(tenant === undefined ? {} : { tenant }),
    identity: identityOf(given, author),
  };
}

function identityOf({ auth = "workloadIdentity", clientId: id }: Written, author: Author): AzureIdentity {
  const client = id === undefined ? {} : { clientId: id };
  if (auth === "servicePrincipal") return { by: auth };
  if (auth === "identityBinding") return { by: auth, clientId: id ?? "" };
  if (auth === "managedIdentity") {
    return { by: auth, ...client, ...(author === "operator" ? { isOperators: true as const } : {}) };
  }
  return { by: auth, ...client };
}
