import { inTurns } from "../../async/turns.ts";
import { parseGoBool } from "../../config/go-bool.ts";
import { type ParameterPlace, ProviderError } from "../../errors.ts";
import { parseJmesPath } from "../../formats/jmespath.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { Step } from "../../plan/step.ts";
import { jmesPathFix } from "../jmespath-fix.ts";
import { modeOfDecimal, modeOfOctal } from "../mode-bits.ts";
import { type AwsService, serviceOf } from "./arn.ts";
import { checkFailover, failoverDescriptor } from "./failover.ts";
import { fileNameOf, type Slashes } from "./file-name.ts";
import { inField, type JmesEntry, type ObjectDescriptor } from "./objects.ts";
import { type RefTexts, sourceOf } from "./source.ts";

/** The settings that hold for every object of a SecretProviderClass. */
export interface Frame {
  readonly region: string;
  readonly failoverRegions: readonly string[];
  readonly slashes: Slashes;
  readonly mode: number;
}

/** One file that an object becomes. */
export interface AwsFile {
  readonly subject: string;
  readonly path: string;
  readonly mode: number;
  readonly steps: readonly Step[];
  /** Where its name is written. */
  readonly at: ParameterPlace;
}

/** A file for each key of a secret. */
interface AwsKeys {
  readonly mode: number;
  readonly steps: readonly Step[];
  pathOf(key: string): string;
}

/** One entry, understood. The file with everything comes first, then one for each JMESPath. */
export interface AwsObject {
  readonly subject: string;
  readonly service: AwsService;
  readonly texts: RefTexts;
  readonly failoverTexts: RefTexts;
  readonly files: readonly AwsFile[];
  /** Instead of the file with everything. */
  readonly keys?: AwsKeys;
}

/** Understands one entry, in the order of today's checks; notes what is wrong with it, and then gives none. */
export async function readObject(
  descriptor: ObjectDescriptor,
  frame: Frame,
  problems: Problems,
): Promise<readonly AwsObject[]> {
  const { objectName, objectType, objectAlias, filePermission, jmesPath } = descriptor;
  const subject = `object ${quoted(objectName)}${objectAlias === "" ? "" : ` as ${quoted(objectAlias)}`}`;
  const before = problems.count;
  const inside = (field: string) => inField(problems, descriptor, field);
  const service = inside(objectType === "" ? "objectName" : "objectType").attempt(subject, () =>
    serviceOf(objectName, objectType, frame.region),
  );
  const texts = textsOf(descriptor);
  const failoverTexts = failoverDescriptor(descriptor);
  if (service !== undefined)
    inside("objectName").attempt(subject, () => checkRefs(service, [texts, failoverTexts], frame));
  const nameField = objectAlias === "" ? "objectName" : "objectAlias";
  const path = inside(nameField).attempt(subject, () => fileNameOf(objectAlias || objectName, frame.slashes)) ?? "";
  const mode = inside("filePermission").attempt(subject, () => parseMode(filePermission, frame.mode)) ?? 0;
  const steps = inside("decode").attempt(subject, () => decodeSteps(descriptor.decode)) ?? [];
  const read = (entry: JmesEntry) => readJmesEntry(entry, { subject, mode, slashes: frame.slashes }, problems);
  const entries = (await inTurns(jmesPath, read)).flat();
  const inFailover = inField(problems, descriptor.failover, "objectName");
  inFailover.attempt(subject, () => checkFailover(descriptor, frame.failoverRegions));
  const allKeys = inside("allKeys").attempt(subject, () => parseFlag("allKeys", descriptor.allKeys)) ?? false;
  if (problems.count > before || service === undefined) return [];
  const object = { subject, service, texts, failoverTexts };
  if (!allKeys)
    return [{ ...object, files: [{ subject, path, mode, steps, at: placeOf(descriptor, nameField) }, ...entries] }];
  // Each name is a part of its own, so that a key is judged whatever stands before it.
  const pathOf = (key: string) => fileNameOf(objectAlias === "" ? key : `${objectAlias}/${key}`, frame.slashes);
  return [{ ...object, files: entries, keys: { mode, steps, pathOf } }];
}

function textsOf({ objectName, objectVersion, objectVersionLabel }: ObjectDescriptor): RefTexts {
  return { objectName, objectVersion, objectVersionLabel };
}

/** Checks the refs; the result does not depend on region or role. */
function checkRefs(service: AwsService, refs: readonly RefTexts[], { region }: Frame): void {
  for (const texts of refs) sourceOf(service, texts, { region, identity: { by: "webIdentity" } });
}

interface Parent {
  readonly subject: string;
  readonly mode: number;
  readonly slashes: Slashes;
}

function readJmesEntry(entry: JmesEntry, parent: Parent, problems: Problems): readonly AwsFile[] {
  const subject = `${parent.subject}, jmesPath ${quoted(entry.path)}`;
  const before = problems.count;
  const inside = (field: string) => inField(problems, entry, field);
  if (entry.path === "") {
    inside("path").add("LK0003", subject, "path must be specified for JMES object", "write path: the name of a key");
  }
  if (entry.objectAlias === "") {
    const message = "object alias must be specified for JMES object";
    inside("objectAlias").add("LK0003", subject, message, "write objectAlias: the name of its file");
  }
  if (problems.count > before) return [];
  const mode = inside("filePermission").attempt(subject, () => parseMode(entry.filePermission, parent.mode)) ?? 0;
  const path = inside("objectAlias").attempt(subject, () => fileNameOf(entry.objectAlias, parent.slashes)) ?? "";
  const stringify = inside("stringify").attempt(subject, () => parseFlag("stringify", entry.stringify)) ?? false;
  const decoding = inside("decode").attempt(subject, () => decodeSteps(entry.decode)) ?? [];
  const expression = inside("path").attempt(subject, () => parseJmesPath(entry.path), jmesPathFix(entry.path));
  if (expression === undefined || problems.count > before) return [];
  const search: Step = { kind: "jmesPath", expression, text: entry.path, stringify };
  return [{ subject, path, mode, steps: [search, ...decoding], at: placeOf(entry, "objectAlias") }];
}

function placeOf({ at, places }: ObjectDescriptor | JmesEntry, field: string): ParameterPlace {
  return { parameter: "objects", ...(places.get(field) ?? at) };
}

function parseFlag(field: string, text: string): boolean {
  const parsed = text === "" ? false : parseGoBool(text);
  if (parsed !== undefined) return parsed;
  throw new ProviderError("LK0003", `${field}: ${quoted(text)} is not a boolean`, { fix: "write true or false" });
}

function decodeSteps(decode: string): readonly Step[] {
  if (decode === "") return [];
  if (decode === "base64") return [{ kind: "decode", encoding: "base64" }];
  throw new ProviderError("LK0003", `decode: ${quoted(decode)} is not supported`, {
    fix: "write base64, or leave it out",
  });
}

/** Four octal digits. The first, for setuid and its like, is dropped as Go's chmod drops it. */
function parseMode(text: string, fallback: number): number {
  if (text === "") return fallback;
  if (/^[0-7]{4}$/.test(text)) return Number.parseInt(text, 8) & 0o777;
  const meant = modeOfDecimal(text) ?? modeOfOctal(text);
  const fix =
    meant === undefined
      ? 'write four octal digits in quotes, such as "0644"; without quotes YAML reads another number'
      : `write ${quoted(meant)} in quotes; without them YAML reads another number`;
  throw new ProviderError("LK0003", `invalid file permission: ${quoted(text)}`, { fix });
}
