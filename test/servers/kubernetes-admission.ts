import { status } from "./kubernetes-status.ts";
import type { Answer } from "./scripted.ts";

/** An objection of the cluster to Secrets in a namespace. Messages get the object's data, as a policy's expression can. */
export type Admission =
  | { readonly kind: "quota" }
  | { readonly kind: "terminating" }
  | {
      readonly kind: "webhook";
      readonly name?: string;
      readonly status: number;
      readonly message: (data: Data) => string;
    }
  | { readonly kind: "webhookDown"; readonly name?: string }
  | { readonly kind: "policy"; readonly reason?: "Forbidden"; readonly message: (data: Data) => string };

/** Values in base64. */
type Data = Readonly<Record<string, string>>;

/** One Secret that somebody wants to write. */
export interface Wanted {
  readonly namespace: string;
  readonly name: string;
  readonly data: Data;
  /** It is not there yet. */
  readonly isNew: boolean;
}

/** The API server's refusal, in its words; undefined where the admission has nothing against it. */
export function refusedBy(admission: Admission | undefined, wanted: Wanted): Answer | undefined {
  const { namespace, name, data, isNew } = wanted;
  switch (admission?.kind) {
    case "quota": {
      const counted = "requested: count/secrets=1, used: count/secrets=3, limited: count/secrets=3";
      return isNew ? forbiddenObject(name, `exceeded quota: few, ${counted}`) : undefined;
    }
    case "terminating":
      return isNew ? terminating(namespace, name) : undefined;
    case "webhook": {
      const { name: webhook = "team.example.com", message: words } = admission;
      const message = `admission webhook "${webhook}" denied the request: ${words(data)}`;
      return status(admission.status, "", message);
    }
    case "webhookDown": {
      const called = `failed calling webhook "${admission.name ?? "team.example.com"}": failed to call webhook`;
      const why = `${called}: Post "https://team.shop.svc:443/?timeout=10s": connect: connection refused`;
      return status(500, "InternalError", `Internal error occurred: ${why}`, { causes: [{ message: why }] });
    }
    case "policy":
      return policy(name, admission.message(data), admission.reason);
    default:
      return undefined;
  }
}

function forbiddenObject(name: string, why: string): Answer {
  return status(403, "Forbidden", `secrets "${name}" is forbidden: ${why}`, { name, kind: "secrets" });
}

function terminating(namespace: string, name: string): Answer {
  const why = `unable to create new content in namespace ${namespace} because it is being terminated`;
  const message = `namespace ${namespace} is being terminated`;
  const causes = [{ reason: "NamespaceTerminating", message, field: "metadata.namespace" }];
  return status(403, "Forbidden", `secrets "${name}" is forbidden: ${why}`, { name, kind: "secrets", causes });
}

function policy(name: string, words: string, reason: "Forbidden" | undefined): Answer {
  const message = `ValidatingAdmissionPolicy 'team.example.com' with binding 'team' denied request: ${words}`;
  const details = { name, kind: "secrets", causes: [{ message }] };
  const code = reason === "Forbidden" ? 403 : 422;
  return status(code, reason ?? "Invalid", `secrets "${name}" is forbidden: ${message}`, details);
}
