import { ProviderError } from "../../errors.ts";
import type { Identity } from "../store.ts";

const placeholder = /\{([^{}]*)\}/g;

/** Returns what is wrong with a directory as the operator wrote it; undefined if nothing is. */
export function directoryProblem(directory: string): string | undefined {
  if (!directory.startsWith("/")) return "must be an absolute path";
  if (directory.includes("\0") || directory.split("/").includes("..")) return "must not contain .. or a zero byte";
  const unknown = [...directory.matchAll(placeholder)].find(
    ([, name]) => name !== "namespace" && name !== "serviceAccount",
  );
  if (unknown !== undefined)
    return `has the unknown placeholder ${unknown[0]}; {namespace} and {serviceAccount} are known`;
  return /[{}]/.test(directory.replace(placeholder, "")) ? "has a brace without its partner" : undefined;
}

/** The part of a directory that is the same for every identity. */
export function baseOf(directory: string): string {
  const first = directory.search(placeholder);
  return first < 0 ? directory : directory.slice(0, directory.lastIndexOf("/", first) + 1);
}

const label = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The directory of one identity. Throws `LK0037` where a name that goes into it is none that Kubernetes allows
 * (https://kubernetes.io/docs/concepts/overview/working-with-objects/names/), and `LK0020` for a directory that is wrong.
 */
export function directoryFor(directory: string, { namespace, serviceAccount }: Identity): string {
  const problem = directoryProblem(directory);
  if (problem !== undefined)
    throw new ProviderError("LK0020", `the directory of the file store ${problem}`, {
      fix: "correct `directory` of the profile in the file that --config names",
    });
  return directory.replace(placeholder, (_, name: string) =>
    name === "namespace"
      ? legalName("namespace", namespace, label.test(namespace))
      : legalName("service account", serviceAccount, isSubdomain(serviceAccount)),
  );
}

function isSubdomain(name: string): boolean {
  return name.length <= 253 && name.split(".").every((part) => label.test(part));
}

function legalName(what: string, name: string, legal: boolean): string {
  if (legal) return name;
  throw new ProviderError(
    "LK0037",
    `the ${what} ${JSON.stringify(name.slice(0, 253))} is not a name that Kubernetes allows`,
    {
      fix: "find out who called: the kubelet sends only valid names",
    },
  );
}
