import { isIP } from "node:net";
import { duration } from "../../config/values.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goList, goText } from "../../formats/go-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { namedAll, type Problems, quoted } from "../../plan/problems.ts";
import type { Verify, VerifyField, VerifyTarget, VerifyText } from "../../plan/verify.ts";
import { fixForUnknown } from "../read-shape.ts";
import { readSelection } from "./select.ts";
import { type Fields, strictFields } from "./strict-fields.ts";

/** Words of an entry of `secrets` that say how its new values are tried. */
export const verifyNames = ["verify", "verifyHold"] as const;

/** So long is a refused value held back where nobody says otherwise, in milliseconds. */
const usualHold = 3_600_000;

/** The words that each kind of target must have, and may have besides `kind` and `ca`. */
const wordsOf = {
  postgres: { needs: ["host", "user", "password"], may: ["port", "database", "tls"] },
  mysql: { needs: ["host", "user", "password"], may: ["port", "database", "tls"] },
  redis: { needs: ["host", "password"], may: ["port", "user", "tls"] },
  http: { needs: ["url"], may: ["user", "password", "token", "header", "status"] },
} as const satisfies Record<
  VerifyTarget["kind"],
  { readonly needs: readonly string[]; readonly may: readonly string[] }
>;

const kinds = Object.keys(wordsOf) as readonly VerifyTarget["kind"][];

/** Words for which the secret itself has to be asked: a SecretProviderClass is no place for them. */
const secretWords: readonly string[] = ["password", "token"];

/** Words that are not the secret's to say. */
const writtenWords: readonly string[] = ["url", "header"];

const selectors = ["key", "jmesPath", "yamlKey", "decode"];

/** An entry of `secrets` that may have `verify`. */
interface Entry {
  readonly place: string;
  readonly fields: Fields;
}

/** Reads how new values of a secret are tried; undefined if they are not, or after noting what is wrong. */
export function readVerify({ place, fields }: Entry, problems: Problems): Verify | undefined {
  const node = fields.get("verify");
  const hold = fields.get("verifyHold");
  const read = () => (hold === undefined ? usualHold : readHold(hold.value));
  const ms = problems.attempt(`${place}.verifyHold`, read);
  if (node === undefined) {
    if (hold === undefined) return undefined;
    problems.at(hold.at).addHere("LK0003", `${place}.verifyHold`, "verifyHold needs verify", "write verify beside it");
    return undefined;
  }
  const target = readTarget(node.value, `${place}.verify`, problems.at(node.value.at));
  return target === undefined || ms === undefined ? undefined : { targets: [target], hold: ms };
}

function readHold(node: YamlNode): number {
  const text = goText(node);
  const ms = duration.parse(text);
  if (ms !== undefined) return ms;
  throw new FormatError(`${quoted(text)} is not a duration: allowed is ${duration.allowed}`, node.at);
}

function readTarget(node: YamlNode, place: string, problems: Problems): VerifyTarget | undefined {
  const before = problems.count;
  const fields = strictFields(node, place, "any", problems);
  if (fields === undefined) return undefined;
  const kind = problems.attempt(`${place}.kind`, () =>
    choose(kinds, fields.get("kind")?.value ?? node, fields.has("kind")),
  );
  if (kind === undefined) return undefined;
  const { needs, may }: { readonly needs: readonly string[]; readonly may: readonly string[] } = wordsOf[kind];
  strictFields(node, place, ["kind", "ca", ...needs, ...may], problems);
  for (const name of needs) {
    if (fields.has(name)) continue;
    problems.addHere("LK0003", place, `${quoted(name)} is missing`, `write ${quoted(name)} with ${exampleOf(name)}`);
  }
  const texts = readTexts([...needs, ...may], fields, place, problems);
  const tls = fields.get("tls")?.value;
  const checked = problems.attempt(`${place}.tls`, () => (tls === undefined ? "verify" : choose(tlsWords, tls, true)));
  const ca = fields.get("ca")?.value;
  const pem = problems.attempt(`${place}.ca`, () => (ca === undefined ? undefined : readPem(ca)));
  const status = fields.get("status")?.value;
  const codes = problems.attempt(`${place}.status`, () => (status === undefined ? undefined : readStatus(status)));
  if (kind === "http") noteHttp(fields, place, problems);
  if (kind === "mysql" && checked === "verify" && isIP(hostOf(texts)) !== 0) {
    problems.addHere(
      "LK0003",
      `${place}.host`,
      "the client checks certificates of names only",
      "write the host's name, or tls: require",
    );
  }
  if (problems.count > before || checked === undefined) return undefined;
  return {
    ...{ kind, fields: texts, tls: checked },
    ...(pem === undefined ? {} : { ca: pem }),
    ...(codes === undefined ? {} : { status: codes }),
  };
}

function hostOf({ host }: VerifyTarget["fields"]): string {
  return host !== undefined && "text" in host ? host.text : "";
}

const tlsWords = ["off", "require", "verify"] as const;

function exampleOf(name: string): string {
  return writtenWords.includes(name) ? "https://..." : `{ key: ${name} }`;
}

function readTexts(
  names: readonly string[],
  fields: Fields,
  place: string,
  problems: Problems,
): Partial<Record<VerifyField, VerifyText>> {
  const texts: Partial<Record<VerifyField, VerifyText>> = {};
  for (const name of names) {
    const node = fields.get(name)?.value;
    if (node === undefined || name === "tls" || name === "status") continue;
    const text = readText(name, node, `${place}.${name}`, problems.at(node.at));
    if (text !== undefined) texts[name as VerifyField] = text;
  }
  return texts;
}

/** Reads a text, or which part of the secret it is. */
function readText(name: string, node: YamlNode, place: string, problems: Problems): VerifyText | undefined {
  if (node.kind === "map" && !writtenWords.includes(name)) {
    const inner = strictFields(node, place, selectors, problems);
    return inner && { steps: readSelection(inner, place, problems) };
  }
  return problems.attempt(place, () => {
    if (secretWords.includes(name)) {
      throw new FormatError("it stands in the secret, not here", node.at, "write the path of its key: { key: ... }");
    }
    const text = goText(node);
    if (text === "") throw new FormatError("it is empty", node.at);
    checkText(name, text, node);
    return { text };
  });
}

function checkText(name: string, text: string, node: YamlNode): void {
  if (name === "port" && !(/^[1-9][0-9]{0,4}$/.test(text) && Number(text) <= 65_535)) {
    throw new FormatError(`${quoted(text)} is not a port`, node.at, "write a number from 1 to 65535");
  }
  if (name === "header" && !/^[A-Za-z0-9-]{1,64}$/.test(text)) {
    throw new FormatError(`${quoted(text)} is not the name of a header`, node.at, "write a name such as X-Api-Key");
  }
  if (name !== "url") return;
  const url = URL.parse(text);
  if (url !== null && /^https?:$/.test(url.protocol) && url.username === "" && url.password === "") return;
  throw new FormatError(`${quoted(text)} is not a URL`, node.at, "write https://host/path, without a user in it");
}

/** By a user and a password, or by a token; the header is the token's. */
function noteHttp(fields: Fields, place: string, problems: Problems): void {
  const [user, password, token] = ["user", "password", "token"].map((name) => fields.has(name));
  if (user === password && token !== user) {
    if (token || !fields.has("header")) return;
    problems.addHere("LK0003", `${place}.header`, "header needs token", "write token beside it");
    return;
  }
  problems.addHere("LK0003", place, "the credential is not clear", "write either user and password, or token");
}

function readPem(node: YamlNode): string {
  const text = goText(node);
  if (text.includes("-----BEGIN CERTIFICATE-----")) return text;
  throw new FormatError("it is not a certificate in PEM form", node.at, "write the PEM text of the authority");
}

function readStatus(node: YamlNode): readonly number[] {
  const codes = goList(node).map((item) => {
    const text = goText(item);
    if (/^[1-5][0-9]{2}$/.test(text)) return Number(text);
    throw new FormatError(`${quoted(text)} is not a status of HTTP`, item.at, "write a list such as [200, 204]");
  });
  if (codes.length > 0) return codes;
  throw new FormatError("the list is empty", node.at, "write a list such as [200, 204]");
}

function choose<const T extends string>(words: readonly T[], node: YamlNode, isThere: boolean): T {
  const text = isThere ? goText(node) : "";
  const found = words.find((word) => word === text);
  if (found !== undefined) return found;
  const fix = fixForUnknown(text, words) ?? `write one of ${namedAll(words)}`;
  throw new FormatError(text === "" ? "it is missing" : `${quoted(text)} is not known`, node.at, fix);
}
