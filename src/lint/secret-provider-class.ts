import type { ParameterPlace } from "../errors.ts";
import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { type Fields, fieldsOf, type KubernetesObject, repeatedKeys, textNode, textOf } from "./kubernetes-objects.ts";
import type { LiteralBlock } from "./yaml-file.ts";

/** One parameter, and where it is. */
interface Parameter {
  readonly text: string;
  /** Its name. */
  readonly at: YamlPosition;
  /** Where its text is a literal block, so that lines of it are lines of the file. */
  readonly block: LiteralBlock | undefined;
}

/** A SecretProviderClass of a file. */
export interface SecretProviderClass {
  readonly object: KubernetesObject;
  readonly provider: string;
  readonly providerAt: YamlPosition;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly parametersAt: YamlPosition;
  readonly secretObjects: YamlNode | undefined;
}

/** Something of the object that is not as Kubernetes needs it. */
export interface ClassProblem {
  readonly rule: "bad-class" | "repeated-key";
  readonly at: YamlPosition;
  readonly message: string;
  readonly fix?: string;
}

/** True for the driver's kind of object, whatever its version. */
export function isSecretProviderClass({ kind, apiVersion }: KubernetesObject): boolean {
  return kind === "SecretProviderClass" && (apiVersion === "" || apiVersion.startsWith(`${group}/`));
}

const group = "secrets-store.csi.x-k8s.io";

/** Reads a SecretProviderClass as the API server would, and says what it would refuse. */
export function readClass(object: KubernetesObject): {
  readonly read: SecretProviderClass;
  readonly problems: readonly ClassProblem[];
} {
  const top = fieldsOf(object.node);
  const specNode = top.get("spec")?.value;
  const spec = fieldsOf(specNode);
  const parameters = readParameters(object, spec);
  const parametersNode = spec.get("parameters")?.value;
  const read: SecretProviderClass = {
    object,
    provider: textOf(spec, "provider"),
    providerAt: spec.get("provider")?.value.at ?? top.get("spec")?.at ?? object.at,
    parameters: parameters.read,
    parametersAt: spec.get("parameters")?.at ?? top.get("spec")?.at ?? object.at,
    secretObjects: spec.get("secretObjects")?.value,
  };
  const repeated = [object.node, specNode, parametersNode].flatMap(repeatedKeys);
  return {
    read,
    problems: [
      ...headProblems(object, top, spec),
      ...repeated.map(({ name, at }): ClassProblem => {
        return {
          rule: "repeated-key",
          at,
          message: `key ${JSON.stringify(name)} is there twice`,
          fix: "remove one of them",
        };
      }),
      ...parameters.problems,
    ],
  };
}

function headProblems(object: KubernetesObject, top: Fields, spec: Fields): readonly ClassProblem[] {
  const problems: ClassProblem[] = [];
  const note = (at: YamlPosition, message: string, fix: string) =>
    problems.push({ rule: "bad-class", at, message, fix });
  const { apiVersion, name, at } = object;
  if (apiVersion !== `${group}/v1`) {
    const where = top.get("apiVersion")?.value.at ?? object.node.at;
    const message =
      apiVersion === ""
        ? "apiVersion is missing"
        : `apiVersion ${JSON.stringify(apiVersion)} is not served by today's driver`;
    note(where, message, `write apiVersion: ${group}/v1`);
  }
  if (!/^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(name)) {
    const message =
      name === "" ? "metadata.name is missing" : `${JSON.stringify(name)} is no name of a Kubernetes object`;
    note(at, message, "write metadata: { name: ... } with small letters, digits, - and .");
  }
  if (!top.has("spec")) note(at, "spec is missing", "write spec: { provider: ..., parameters: ... }");
  else if (textOf(spec, "provider") === "") {
    note(
      spec.get("provider")?.value.at ?? top.get("spec")?.at ?? at,
      "spec.provider is missing",
      "name the provider: latchkey, vault, openbao or aws",
    );
  }
  return problems;
}

function readParameters({ document }: KubernetesObject, spec: Fields) {
  const node = spec.get("parameters")?.value;
  const read = new Map<string, Parameter>();
  const problems: ClassProblem[] = [];
  if (node !== undefined && node.kind !== "map" && textNode(node) !== "") {
    problems.push({
      rule: "bad-class",
      at: node.at,
      message: "spec.parameters is no map",
      fix: "write parameters: { name: text }",
    });
  }
  for (const [name, { value, at }] of fieldsOf(node)) {
    const text = textNode(value);
    if (text !== undefined) read.set(name, { text, at, block: document.blockAt(value.at) });
    else problems.push({ rule: "bad-class", at: value.at, ...notText(name, value) });
  }
  return { read, problems };
}

/** Kubernetes refuses the object; the commonest reason is a list written without `|`. */
function notText(name: string, value: YamlNode) {
  const shown = JSON.stringify(name);
  if (value.kind === "scalar") return { message: `parameter ${shown} must be text`, fix: "put the value in quotes" };
  return {
    message: `parameter ${shown} must be text, not a ${value.kind}`,
    fix: `write ${name}: | and keep the ${value.kind} below it`,
  };
}

/** Where a place in a parameter is in the file; `exact` where its line and column are. */
export function placeInFile(
  { parameters, parametersAt }: SecretProviderClass,
  at: ParameterPlace | undefined,
): YamlPosition & { readonly exact: boolean } {
  const parameter = parameters.get(at?.parameter ?? "");
  if (parameter === undefined) return { ...parametersAt, exact: true };
  const { block } = parameter;
  if (at?.line === undefined || block === undefined) return { ...parameter.at, exact: at?.line === undefined };
  return { line: block.firstLine + at.line - 1, column: block.indent + (at.column ?? 1), exact: true };
}
