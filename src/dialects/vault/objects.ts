import { inTurns } from "../../async/turns.ts";
import { FormatError } from "../../formats/format-error.ts";
import { goFields, goList, goText, goUint32, isGoNull, type YamlField } from "../../formats/go-yaml.ts";
import { goYamlJson } from "../../formats/go-yaml-json.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";
import { oneLine } from "../../plan/one-line.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { noteMissingList } from "../missing-list.ts";
import type { SecretConfig } from "./secret-config.ts";

/** One entry of `objects`: what today's provider reads, what Latchkey adds, and where it stands. */
export interface ObjectEntry {
  readonly config: SecretConfig;
  /** Latchkey's own: the namespace of this one read; empty for that of the parameters. */
  readonly secretNamespace: string;
  /** Latchkey's own: `data` for the data alone. */
  readonly output: string;
  readonly at: YamlPosition;
  /** Where the fields' values are. */
  readonly places: ReadonlyMap<string, YamlPosition>;
}

const listForm = "write a YAML list of objects: - objectName: ...";

/**
 * Reads `objects` as today's provider does (yaml.v3 into a list of structs): field names are case-sensitive, unknown
 * fields and empty items are passed over, texts keep their source. Notes every problem; gives the entries that have
 * none, or `undefined` where not one entry could be told.
 */
export async function readObjects(
  { parameters, texts }: Pick<DialectInput, "parameters" | "texts">,
  problems: Problems,
): Promise<readonly ObjectEntry[] | undefined> {
  const text = parameters.get("objects") ?? "";
  const before = problems.count;
  const items = problems.attempt("objects", () => goList(texts.yaml(text)), listForm) ?? [];
  const entries = problems.at({ parameter: "objects" });
  const read = await inTurns(items, (item, index) =>
    isGoNull(item) ? undefined : readObject(item, `objects[${index}]`, entries.at(item.at)),
  );
  const objects = read.filter((object) => object !== undefined);
  return objects.length === 0 && problems.count > before ? undefined : objects;
}

/** Notes what holds for the entries together: there is one, and no two have one name. */
export function checkNames(
  objects: readonly ObjectEntry[],
  parameters: ReadonlyMap<string, string>,
  problems: Problems,
): void {
  if (objects.length === 0) {
    const fix = "list at least one object with objectName and secretPath";
    noteMissingList("objects", parameters, { message: "no secrets configured", fix }, problems);
  }
  const seen = new Set<string>();
  const repeats = objects.filter(({ config }) => seen.size === seen.add(config.objectName).size);
  const [first] = repeats;
  if (first === undefined) return;
  const names = repeats.map(({ config }) => quoted(config.objectName)).join(", ");
  const message = `each \`objectName\` must be unique, but the following keys were duplicated: ${names}`;
  const fix = "rename all but one: objectName is the file's path";
  problems.at(positionIn(first, "objectName")).add("LK0003", "objects", placed(message, first, "objectName"), fix);
}

/** Where a field of the entry is, or the entry where it has no such field. */
export function positionIn({ at, places }: ObjectEntry, field: string): YamlPosition {
  return places.get(field) ?? at;
}

/** A message with that place. */
export function placed(message: string, entry: ObjectEntry, field: string): string {
  return new FormatError(message, positionIn(entry, field)).message;
}

function readObject(item: YamlNode, place: string, problems: Problems): ObjectEntry | undefined {
  const fields = problems.attempt(place, () => goFields(item, "v3"), listForm);
  if (fields === undefined) return undefined;
  const before = problems.count;
  const text = (name: string) => {
    const read = readField({ fields, place, name }, goText, problems) ?? "";
    return oneLine(read, `${place}.${name}`, problems.at(fields.get(name)?.value.at));
  };
  const entry: ObjectEntry = {
    config: {
      objectName: text("objectName"),
      secretPath: text("secretPath"),
      secretKey: text("secretKey"),
      method: text("method"),
      secretArgs: readField({ fields, place, name: "secretArgs" }, goYamlJson, problems),
      filePermission: readField({ fields, place, name: "filePermission" }, goUint32, problems) ?? 0,
      encoding: text("encoding"),
    },
    secretNamespace: text("secretNamespace"),
    output: text("output"),
    at: item.at,
    places: new Map([...fields].map(([name, { value }]) => [name, value.at])),
  };
  return problems.count === before ? entry : undefined;
}

/** A field of an entry, which need not be there. */
interface EntryField {
  readonly fields: ReadonlyMap<string, YamlField>;
  /** Of the entry. */
  readonly place: string;
  readonly name: string;
}

function readField<T>(
  { fields, place, name }: EntryField,
  read: (node: YamlNode | undefined) => T,
  problems: Problems,
): T | undefined {
  const field = fields.get(name);
  return problems.at(field?.value.at).attempt(`${place}.${name}`, () => read(field?.value));
}
