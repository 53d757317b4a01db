import { FormatError } from "../../formats/format-error.ts";
import { isJsonObject, parseJsonOrNothing } from "../../formats/json.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import type { KubernetesSecretType } from "../../plan/plan.ts";
import { namedAll, quoted } from "../../plan/problems.ts";

/** The words for types, short as a SecretProviderClass may have them. */
export const secretTypeWords = ["Opaque", "dockerconfigjson", "tls", "basic-auth", "ssh-auth"] as const;

const types: Readonly<Record<(typeof secretTypeWords)[number], KubernetesSecretType>> = {
  Opaque: "Opaque",
  dockerconfigjson: "kubernetes.io/dockerconfigjson",
  tls: "kubernetes.io/tls",
  "basic-auth": "kubernetes.io/basic-auth",
  "ssh-auth": "kubernetes.io/ssh-auth",
};

/** The keys that a type must have: all of `all`, and one of `any` at least; any others may be there too. */
const requiredKeys: ReadonlyMap<string, { readonly all: readonly string[]; readonly any?: readonly string[] }> =
  new Map([
    ["kubernetes.io/dockerconfigjson", { all: [".dockerconfigjson"] }],
    ["kubernetes.io/dockercfg", { all: [".dockercfg"] }],
    ["kubernetes.io/tls", { all: ["tls.crt", "tls.key"] }],
    ["kubernetes.io/basic-auth", { all: [], any: ["username", "password"] }],
    ["kubernetes.io/ssh-auth", { all: ["ssh-privatekey"] }],
  ]);

/** Names the keys that a Secret of a type lacks, for a message; undefined if none. Custom types need no keys. */
export function missingKeys(type: string, has: (key: string) => boolean): string | undefined {
  const { all, any = [] } = requiredKeys.get(type) ?? { all: [] };
  const missing = all.filter((key) => !has(key));
  if (missing.length > 0) return missing.map(quoted).join(" and ");
  return any.length === 0 || any.some(has) ? undefined : any.map(quoted).join(" or ");
}

/** Says why the API server refuses a Secret's values although its keys are there, if it does. Quotes no value. */
export function contentProblem(
  type: KubernetesSecretType,
  values: ReadonlyMap<string, Uint8Array>,
): { readonly message: string; readonly fix: string } | undefined {
  const [config, privateKey] = [values.get(".dockerconfigjson"), values.get("ssh-privatekey")];
  if (type === "kubernetes.io/dockerconfigjson" && config !== undefined && !isJsonObject(parseJsonOrNothing(config))) {
    return {
      message: "what is to be .dockerconfigjson is not a JSON object",
      fix: 'store {"auths": {...}} as Docker writes it; in a template write each value with the filter json, which puts it in quotes: {{ registry.password | json }}',
    };
  }
  if (type !== "kubernetes.io/ssh-auth" || privateKey === undefined || privateKey.length > 0) return undefined;
  return { message: "what is to be ssh-privatekey is empty", fix: "store the private key" };
}

/** Every type that Kubernetes knows (https://kubernetes.io/docs/concepts/configuration/secret/#secret-types). */
export const knownSecretTypes: readonly string[] = [
  "Opaque",
  ...requiredKeys.keys(),
  "kubernetes.io/service-account-token",
  "bootstrap.kubernetes.io/token",
];

/** The type that a text names, in its short or its whole form. Throws `FormatError`. */
export function secretTypeOf(text: string, node: YamlNode): KubernetesSecretType {
  const word = secretTypeWords.find((each) => each === text || types[each] === text);
  if (word !== undefined) return types[word];
  const credential = /service-account-token$|^bootstrap\.kubernetes\.io\//.test(text);
  const why = credential
    ? `${quoted(text)} is refused: Kubernetes itself would take its content for a credential of the cluster`
    : `${quoted(text)} is not a type of Secret that Latchkey makes`;
  throw new FormatError(`${why}; there are ${namedAll(secretTypeWords)}`, node.at);
}
