import { status } from "./kubernetes-status.ts";
import type { Answer, RecordedRequest } from "./scripted.ts";

/** One right of Latchkey's service account, as a rule of a Role (with `namespace`) or ClusterRole gives it. */
export interface Right {
  readonly verb: "get" | "create" | "patch" | "delete" | "list" | "watch";
  readonly group: string;
  readonly resource: string;
  readonly namespace?: string;
}

const CORE = /^\/api\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?(?:\/([^/]+))?$/;
const GROUPED = /^\/apis\/([^/]+)\/v1(?:\/namespaces\/([^/]+))?\/([^/]+)(?:\/([^/]+))?$/;
const VERBS = new Map<string, Right["verb"]>([
  ["GET", "get"],
  ["POST", "create"],
  ["PATCH", "patch"],
  ["DELETE", "delete"],
]);

/** Returns the right that a request needs; undefined if every service account may make it. */
export function neededRight({ method, path }: RecordedRequest): Right | undefined {
  const [, coreNamespace, coreResource, , sub] = CORE.exec(path) ?? [];
  const [, group, groupedNamespace, groupedResource] = GROUPED.exec(path) ?? [];
  const resource = groupedResource ?? (sub === undefined ? coreResource : `${coreResource}/${sub}`);
  const verb = VERBS.get(method);
  if (resource === undefined || verb === undefined) return undefined;
  const namespace = groupedNamespace ?? coreNamespace;
  return { verb, group: group ?? "", resource, ...(namespace === undefined ? {} : { namespace }) };
}

/** Whether some rule grants it; a rule without a namespace is a ClusterRole's. */
export function isGranted(rights: readonly Right[], needed: Right): boolean {
  return rights.some(
    ({ verb, group, resource, namespace }) =>
      verb === needed.verb &&
      group === needed.group &&
      resource === needed.resource &&
      (namespace === undefined || namespace === needed.namespace),
  );
}

/** The refusal, in the API server's words. */
export function forbidden({ verb, group, resource, namespace }: Right, name?: string): Answer {
  const where = namespace === undefined ? "at the cluster scope" : `in the namespace "${namespace}"`;
  const user = "system:serviceaccount:kube-system:latchkey";
  const what = `cannot ${verb} resource "${resource}" in API group "${group}" ${where}`;
  const kind = resource.split("/", 1)[0] ?? resource;
  const whole = group === "" ? kind : `${kind}.${group}`;
  const named = name === undefined ? "" : ` "${name}"`;
  const details = { ...(name === undefined ? {} : { name }), ...(group === "" ? {} : { group }), kind };
  return status(403, "Forbidden", `${whole}${named} is forbidden: User "${user}" ${what}`, details);
}
