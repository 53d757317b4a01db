import type { ParameterPlace } from "../errors.ts";
import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { headProblems } from "./class-head.ts";
import { type ClassProblem, type Parameter, readParameters } from "./class-parameters.ts";
import { fieldsOf, type KubernetesObject, repeatedKeys, textOf } from "./kubernetes-objects.ts";

/** A SecretProviderClass of a file. */
export interface SecretProviderClass {
  readonly object: KubernetesObject;
  readonly provider: string;
  readonly providerAt: YamlPosition;
  readonly parameters: ReadonlyMap<string, Parameter>;
  readonly parametersAt: YamlPosition;
  /** A parameter stands where the text of another one belongs: what the parameters would come to cannot be told. */
  readonly misplaced: boolean;
  readonly secretObjects: YamlNode | undefined;
}

/** Reads a SecretProviderClass as the API server would, and says what it would refuse. */
export function readClass(object: KubernetesObject): {
  readonly read: SecretProviderClass;
  readonly problems: readonly ClassProblem[];
} {
  const top = fieldsOf(object.node);
  const specNode = top.get("spec")?.value;
  const spec = fieldsOf(specNode);
  const parametersNode = spec.get("parameters")?.value;
  const parameters = readParameters(object.document, parametersNode);
  const read: SecretProviderClass = {
    object,
    provider: textOf(spec, "provider"),
    providerAt: spec.get("provider")?.value.at ?? top.get("spec")?.at ?? object.at,
    parameters: parameters.read,
    misplaced: parameters.misplaced,
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
          message: `key ${JSON.stringify(name)} appears twice`,
          fix: "remove one of them",
        };
      }),
      ...parameters.problems,
    ],
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
