import { ConfigError } from "../config/config-error.ts";
import { type DialectName, dialectNames, isDialect } from "../dialects/index.ts";
import { fixForUnknown } from "../dialects/read-shape.ts";
import { isSecretProviderClass } from "../lint/class-head.ts";
import { type KubernetesObject, objectsOf } from "../lint/kubernetes-objects.ts";
import { readClass } from "../lint/secret-provider-class.ts";
import { readYamlFile } from "../lint/yaml-file.ts";
import { quoted } from "../plan/problems.ts";
import { readInput } from "./input-file.ts";

/** The one SecretProviderClass that a command is about. */
export interface PickedClass {
  readonly object: KubernetesObject;
  readonly name: string;
  readonly provider: DialectName;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The SecretProviderClass of a file, or that of a name where it has several. Throws `ConfigError`. */
export async function pickClass(file: string, name: string | undefined): Promise<PickedClass> {
  return pickFrom(classesOf(await readInput(file), file), file, name);
}

/** The SecretProviderClasses of a text; `file` is for errors. Throws `ConfigError`. */
export function classesOf(text: string, file: string): readonly KubernetesObject[] {
  const { documents, errors } = readYamlFile(text);
  if (errors[0] !== undefined) throw new ConfigError(`${file}: ${errors[0].message}`);
  return documents.flatMap((document) => objectsOf(document)).filter(isSecretProviderClass);
}

/** The only one, or that of a name. Throws `ConfigError`. */
export function pickFrom(all: readonly KubernetesObject[], file: string, name: string | undefined): PickedClass {
  const fitting = name === undefined ? all : all.filter((object) => object.name === name);
  const names = all.map((object) => object.name);
  const [object, second] = fitting;
  if (object === undefined) {
    const hint =
      name === undefined
        ? "; name another file"
        : ` ${quoted(name)}; ${fixForUnknown(name, names) ?? "name another file"}`;
    throw new ConfigError(`${file}: has no SecretProviderClass${hint}`);
  }
  if (second !== undefined) {
    throw new ConfigError(`${file}: has several SecretProviderClasses; choose with --name: ${names.join(", ")}`);
  }
  const { read, problems } = readClass(object);
  const [problem] = problems;
  if (problem !== undefined)
    throw new ConfigError(`${file}:${problem.at.line}:${problem.at.column}: ${problem.message}`);
  if (!isDialect(read.provider))
    throw new ConfigError(
      `${file}: Latchkey does not read provider ${quoted(read.provider)}; write one of ${dialectNames.join(", ")}`,
    );
  const texts = [...read.parameters].map(([parameter, { text }]) => [parameter, text] as const);
  return { object, name: object.name, provider: read.provider, parameters: new Map(texts) };
}
