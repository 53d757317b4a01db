import type { ZodType } from "zod";
import * as z from "zod";
import type { Author } from "../store.ts";
import { accountForm, federationForm, locationForm, poolForm, projectForm } from "./names.ts";
import { regionMeant } from "./regions.ts";
import type { GcpIdentity, GcpPool, GcpSettings } from "./types.ts";

const account = z.string().regex(accountForm, "must be the address of a Google service account");

const location = z
  .string()
  .regex(locationForm, "must be a location, such as europe-west1, or global")
  .superRefine((text, context) => {
    const meant = regionMeant(text);
    if (meant === undefined) return;
    context.addIssue({ code: "custom", message: "is not a region", params: { fix: `did you mean ${meant}?` } });
  });

const written = {
  project: z.string().regex(projectForm, "must be the id or the number of a project").optional(),
  location: location.optional(),
  auth: z.enum(["pod", "keyFile", "provider"]).optional(),
  impersonate: z.union([z.literal("none"), account]).optional(),
  delegates: z.array(account).min(1).max(10).optional(),
  identityPool: z.string().regex(poolForm, "must be an identity pool, such as PROJECT.svc.id.goog").optional(),
  identityProvider: z
    .url({ protocol: /^https$/, error: "must be the https:// URL of a cluster" })
    .max(1_024)
    .optional(),
  workloadIdentityProvider: z
    .string()
    .regex(
      federationForm,
      "must be //iam.googleapis.com/projects/NUMBER/locations/global/workloadIdentityPools/POOL/providers/PROVIDER",
    )
    .optional(),
};

type Written = z.infer<z.ZodObject<typeof written>>;

/** The settings as the native dialect writes them. Only an operator's profile may read as Latchkey itself. */
export function gcpSettings(kind: string, author: Author): ZodType<GcpSettings> {
  return z
    .strictObject({ kind: z.literal(kind).optional(), ...written })
    .superRefine((given, context) => {
      for (const { path, message, fix } of complaints(given, author)) {
        context.addIssue({ code: "custom", path: [path], message, params: { fix } });
      }
    })
    .transform(settingsOf);
}

interface Complaint {
  readonly path: string;
  readonly message: string;
  readonly fix: string;
}

/** Fields that mean something for the pod's own token alone. */
const ofPod = ["impersonate", "delegates", "identityPool", "identityProvider", "workloadIdentityProvider"] as const;

function complaints(given: Written, author: Author): readonly Complaint[] {
  const { auth = "pod" } = given;
  if (auth === "pod") return podComplaints(given);
  const foreign = ofPod
    .filter((field) => given[field] !== undefined)
    .map((path) => ({ path, message: `has no meaning with auth: ${auth}`, fix: `remove ${path}` }));
  if (auth !== "provider" || author === "operator") return foreign;
  const message = "provider is for the operator's profiles";
  return [{ path: "auth", message, fix: "write pod, or name a profile of the operator's" }, ...foreign];
}

function podComplaints(given: Written): readonly Complaint[] {
  const { impersonate = "none", delegates, identityPool, identityProvider, workloadIdentityProvider } = given;
  const found: Complaint[] = [];
  const complain = (path: string, message: string, fix: string) => found.push({ path, message, fix });
  if (delegates !== undefined && impersonate === "none") {
    complain("delegates", "needs impersonate", "write the account that the pod acts as in the end");
  }
  if ((identityPool === undefined) !== (identityProvider === undefined)) {
    const path = identityPool === undefined ? "identityProvider" : "identityPool";
    complain(path, "needs the other of the two", "write identityPool and identityProvider");
  }
  if (identityPool !== undefined && workloadIdentityProvider !== undefined) {
    complain("identityPool", "excludes workloadIdentityProvider", "keep one of them");
  }
  return found;
}

function settingsOf(given: Written): GcpSettings {
  const { project, location = "global" } = given;
  return { ...(project === undefined ? {} : { project }), location, identity: identityOf(given) };
}

function identityOf({ auth = "pod", impersonate, delegates = [], ...pools }: Written): GcpIdentity {
  if (auth === "provider") return { by: "provider", keyFile: "ignored" };
  if (auth === "keyFile") return { by: "keyFile" };
  const pool = poolOf(pools);
  const rest = { ...(pool === undefined ? {} : { pool }), keyFile: "ignored" } as const;
  if (impersonate === undefined) return { by: "pod", impersonate: { by: "annotation" }, ...rest };
  if (impersonate === "none") return { by: "pod", impersonate: { by: "nobody" }, ...rest };
  return { by: "pod", impersonate: { by: "account", account: impersonate, delegates }, ...rest };
}

function poolOf({
  identityPool: id,
  identityProvider: provider,
  workloadIdentityProvider: resource,
}: Written): GcpPool | undefined {
  if (resource !== undefined) return { kind: "federation", resource };
  return id !== undefined && provider !== undefined ? { kind: "cluster", id, provider } : undefined;
}
