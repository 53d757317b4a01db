import { FormatError } from "../../formats/format-error.ts";
import { goFields, goText } from "../../formats/go-yaml.ts";
import { parseKeyPath } from "../../formats/key-path.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { namedAll, type Problems, quoted } from "../../plan/problems.ts";
import type { KeyStoreStep, PasswordSource, Step } from "../../plan/step.ts";
import { fixForUnknown } from "../read-shape.ts";
import type { Fields } from "./strict-fields.ts";

/** The words beside `format: pkcs12`; `jks` makes the same, which Java reads from version 9 on (https://openjdk.org/jeps/229). */
export const keyStoreNames = ["alias", "password", "truststore"] as const;

const passwordFix = "write the name that another secret has by `as`: { secret: name, key: path of the text in it }";

/** Reads the words of a keystore. Its password's secret has the name that the SecretProviderClass gives it; `withSecretIds` finds the secret. */
export function readKeyStore(fields: Fields, place: string, problems: Problems): KeyStoreStep {
  const read = <T>(name: string, parse: (node: YamlNode) => T) => {
    const node = fields.get(name)?.value;
    return problems.attempt(`${place}.${name}`, () => (node === undefined ? undefined : parse(node)));
  };
  const password = read("password", readPassword);
  return {
    kind: "keyStore",
    alias: read("alias", readAlias) ?? "latchkey",
    truststore: read("truststore", readSwitch) ?? false,
    ...(password === undefined ? {} : { password }),
  };
}

/** Reads the password of a PKCS#12 file that becomes PEM: a step that opens it, or none. */
export function readOpening(fields: Fields, place: string, problems: Problems): readonly Step[] {
  const node = fields.get("password")?.value;
  const password = node === undefined ? undefined : problems.attempt(`${place}.password`, () => readPassword(node));
  return password === undefined ? [] : [{ kind: "openKeyStore", password }];
}

/** Notes words of a keystore beside another format; with `pem` a password opens a file. */
export function noteStrayWords(fields: Fields, format: string | undefined, place: string, problems: Problems): void {
  for (const name of keyStoreNames) {
    if (name === "password" && format === "pem") continue;
    const field = fields.get(name);
    if (field === undefined) continue;
    problems.at(field.at).addHere("LK0003", `${place}.${name}`, ...neededBy(name));
  }
}

function neededBy(name: (typeof keyStoreNames)[number]): [message: string, fix: string] {
  if (name !== "password") return [`${quoted(name)} needs format: pkcs12`, "write format: pkcs12 beside it"];
  return [`${quoted(name)} needs format: pkcs12, or format: pem to open a file with it`, "write one of them beside it"];
}

function readAlias(node: YamlNode): string {
  const text = goText(node);
  if (/^[\x20-\x7e]{1,64}$/.test(text)) return text;
  throw new FormatError(`${quoted(text)} is not a name of an entry: write 1 to 64 ASCII characters`, node.at);
}

function readSwitch(node: YamlNode): boolean {
  const text = goText(node);
  if (text === "true" || text === "false") return text === "true";
  throw new FormatError(`${quoted(text)} is neither true nor false`, node.at);
}

function readPassword(node: YamlNode): PasswordSource {
  if (node.kind !== "map") throw new FormatError("a password stands in a secret, not here", node.at, passwordFix);
  const fields = goFields(node, "v3");
  const known = ["secret", "key"];
  for (const [name, { at }] of fields) {
    if (!known.includes(name)) throw new FormatError(`unknown field ${quoted(name)}`, at, fixForUnknown(name, known));
  }
  const from = goText(fields.get("secret")?.value);
  if (from === "") throw new FormatError("secret is missing or empty", node.at, passwordFix);
  const key = fields.get("key")?.value;
  const text = goText(key);
  return { from, steps: key === undefined ? [] : [{ kind: "key", path: parseKeyPath(text), text }] };
}

/** Notes the passwords whose secret no entry of `secrets` has by `as`. */
export function notePasswords(
  makings: readonly { readonly place: string; readonly steps: readonly Step[] }[],
  names: readonly string[],
  problems: Problems,
): void {
  for (const { place, steps } of makings) {
    for (const step of steps) {
      const from = passwordOf(step)?.from;
      if (from === undefined || names.includes(from)) continue;
      const known =
        names.length === 0 ? "give the secret with the password a name, by `as`" : `known are ${namedAll(names)}`;
      problems.add("LK0003", `${place}.password`, `no secret has the name ${quoted(from)}`, known);
    }
  }
}

/** The steps with the ids of the secrets that passwords are in, for their names. */
export function withSecretIds(steps: readonly Step[], ids: ReadonlyMap<string, string>): readonly Step[] {
  if (!steps.some((step) => passwordOf(step) !== undefined)) return steps;
  return steps.map((step) => {
    const password = passwordOf(step);
    if (password === undefined) return step;
    const { from } = password;
    return { ...step, password: { ...password, from: ids.get(from) ?? from } } as Step;
  });
}

function passwordOf(step: Step): PasswordSource | undefined {
  return step.kind === "keyStore" || step.kind === "openKeyStore" ? step.password : undefined;
}
