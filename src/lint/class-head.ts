import { dialectDefinition, dialectNames, isDialect } from "../dialects/index.ts";
import { nativeName } from "../dialects/native/name.ts";
import { nearest } from "../nearest.ts";
import type { ClassProblem } from "./class-parameters.ts";
import { type Fields, fieldsOf, type KubernetesObject, notTextOf, textOf } from "./kubernetes-objects.ts";
import { isKnownProvider } from "./providers.ts";
import { type UnreadField, unreadFields } from "./unread-fields.ts";

const group = "secrets-store.csi.x-k8s.io";
const version = `${group}/v1`;
const kindName = "SecretProviderClass";

/**
 * True for what is a SecretProviderClass, or is meant to be one: of the kind, whatever its version; of the driver's group; of
 * a kind that is nearly written so; or with a spec that nothing else has. The driver's other kind is none.
 */
export function isSecretProviderClass({ kind, apiVersion, node }: KubernetesObject): boolean {
  if (kind === `${kindName}PodStatus`) return false;
  if (kind === kindName || groupOf(apiVersion) === group) return true;
  const [specNode, ownGroup] = [fieldsOf(node).get("spec")?.value, groupOf(apiVersion)];
  const isNearGroup = ownGroup === "" || nearest(ownGroup, [group]) !== undefined;
  return (isNearKind(kind) && isNearGroup) || hasItsSpec(fieldsOf(specNode));
}

function groupOf(apiVersion: string): string {
  return apiVersion.includes("/") ? apiVersion.replace(/\/.*/, "") : "";
}

/** Nearer than the words that it could be meant to be otherwise. */
function isNearKind(kind: string): boolean {
  return nearest(kind, [kindName, `${kindName}PodStatus`, "SecretProvider", "ProviderClass"]) === kindName;
}

/** Other kinds have providers and parameters too, but none with the words that stand in these. */
function hasItsSpec(spec: Fields): boolean {
  const parameters = fieldsOf(spec.get("parameters")?.value);
  return (
    isKnownProvider(textOf(spec, "provider")) && ["objects", "secrets", "stores"].some((name) => parameters.has(name))
  );
}

/** Finds everything that Kubernetes would refuse, except in the parameters. */
export function headProblems(object: KubernetesObject, top: Fields, spec: Fields): readonly ClassProblem[] {
  const metadata = fieldsOf(top.get("metadata")?.value);
  return [
    ...apiVersionProblems(object, top),
    ...kindProblems(object, top),
    ...nameProblems(object, metadata),
    ...textProblems(metadata, "namespace", "metadata.namespace"),
    ...specProblems(object, top, spec),
  ];
}

const topWords = ["apiVersion", "kind", "metadata", "spec", "status"];
const specWords = ["provider", "parameters", "secretObjects"];

/** Fields that Kubernetes drops from the object, so that nobody reads them. */
export function droppedFields({ node }: KubernetesObject): readonly UnreadField[] {
  const top = fieldsOf(node);
  const spec = fieldsOf(top.get("spec")?.value);
  const provider = textOf(spec, "provider");
  const { parameters } = dialectDefinition(isDialect(provider) ? provider : nativeName).words;
  const ofParameters = parameters.map(({ name }) => name);
  return [
    ...unreadFields(top, "", topWords, (name) => (specWords.includes(name) ? "write it in spec" : undefined)),
    ...unreadFields(spec, "spec.", specWords, (name) =>
      ofParameters.includes(name) ? "write it in spec.parameters" : undefined,
    ),
  ];
}

function apiVersionProblems({ apiVersion, node }: KubernetesObject, top: Fields): readonly ClassProblem[] {
  const wrong = textProblems(top, "apiVersion", "apiVersion");
  if (wrong.length > 0 || apiVersion === version) return wrong;
  const shown = JSON.stringify(apiVersion);
  const message =
    apiVersion === ""
      ? "apiVersion is missing"
      : groupOf(apiVersion) === group
        ? `apiVersion ${shown} is not served by today's driver`
        : `apiVersion ${shown} is not that of a ${kindName}`;
  return [bad(top.get("apiVersion")?.value.at ?? node.at, message, `write apiVersion: ${version}`)];
}

function kindProblems({ kind, node }: KubernetesObject, top: Fields): readonly ClassProblem[] {
  if (kind === kindName) return [];
  const message = kind === "" ? "kind is missing" : `kind ${JSON.stringify(kind)} is not ${kindName}`;
  return [bad(top.get("kind")?.value.at ?? node.at, message, `write kind: ${kindName}`)];
}

function nameProblems({ name, at }: KubernetesObject, metadata: Fields): readonly ClassProblem[] {
  const wrong = textProblems(metadata, "name", "metadata.name");
  if (wrong.length > 0 || /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) return wrong;
  const message =
    name === "" ? "metadata.name is missing" : `${JSON.stringify(name)} is not a name of a Kubernetes object`;
  return [bad(at, message, "write metadata: { name: ... } with small letters, digits, - and .")];
}

function specProblems({ at }: KubernetesObject, top: Fields, spec: Fields): readonly ClassProblem[] {
  if (!top.has("spec")) return [bad(at, "spec is missing", "write spec: { provider: ..., parameters: ... }")];
  const wrong = textProblems(spec, "provider", "spec.provider");
  if (wrong.length > 0 || textOf(spec, "provider") !== "") return wrong;
  const where = spec.get("provider")?.value.at ?? top.get("spec")?.at ?? at;
  return [
    bad(
      where,
      "spec.provider is missing",
      `name the provider: ${dialectNames.slice(0, -1).join(", ")} or ${dialectNames.at(-1)}`,
    ),
  ];
}

function textProblems(fields: Fields, name: string, path: string): readonly ClassProblem[] {
  const wrong = notTextOf(fields, name);
  return wrong === undefined ? [] : [bad(wrong.at, `${path} ${wrong.message}`, wrong.fix)];
}

function bad(at: ClassProblem["at"], message: string, fix: string): ClassProblem {
  return { rule: "bad-class", at, message, fix };
}
