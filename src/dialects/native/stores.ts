import { inTurns } from "../../async/turns.ts";
import type { Profile } from "../../config/profile.ts";
import { goFields } from "../../formats/go-yaml.ts";
import type { YamlNode, YamlPosition } from "../../formats/yaml-node.ts";
import { leftOut, readBundle } from "../../http/pem.ts";
import { oneLineYaml } from "../../plan/one-line.ts";
import type { PlanWarning } from "../../plan/plan.ts";
import { named, type Problems, quoted } from "../../plan/problems.ts";
import type { WantedBounds } from "../../plan/wanted-bounds.ts";
import { isStoreKind, storeKinds } from "../../stores/index.ts";
import type { Store } from "../../stores/store.ts";
import type { DialectInput } from "../dialect.ts";
import { fixForUnknown, readShape } from "../read-shape.ts";
import { boundNames, readBounds } from "./bounds.ts";
import { plainFields, positionOf } from "./plain-value.ts";
import { checkPrefix, findProfile } from "./profiles.ts";
import { type Fields, fixForField, placeOf, requiredText } from "./strict-fields.ts";

/** A store that secrets can name. Without `settings` something is wrong with them, which has been noted. */
export interface NamedStore {
  readonly store: Store;
  readonly settings: { readonly value: unknown } | undefined;
  readonly bounds: WantedBounds;
  /** Warnings of what its author may not have meant. */
  readonly warnings?: readonly PlanWarning[];
  /** Throws `LK0021` for a ref that the operator keeps from these pods; `name` is the ref's, or what it reaches. */
  checkName(name: string): void;
}

/** The stores of the parameter `stores` by name; `undefined` for one that is not even known by kind. */
export type NamedStores = ReadonlyMap<string, NamedStore | undefined>;

/** One entry of `stores`, and where it stands. */
interface Entry {
  readonly node: YamlNode;
  readonly fields: Fields;
  readonly place: string;
  readonly at: YamlPosition;
}

/** Reads the parameter `stores`, a map from a name to inline settings or an operator's profile; notes every problem. */
export async function readStores(
  input: DialectInput,
  problems: Problems,
  warnings: PlanWarning[],
): Promise<NamedStores> {
  const text = input.parameters.get("stores") ?? "";
  const form = "write a map from a name of your choice to settings: vault: { kind: vault, address: ..., role: ... }";
  const read = () => goFields(oneLineYaml(input.texts.yaml(text), "stores", ["ca"], problems), "v3");
  const entries = problems.attempt("stores", read, form);
  const stores = new Map<string, NamedStore | undefined>();
  await inTurns([...(entries ?? [])], async ([name, { value: node, at }]) => {
    const place = `stores.${named(name)}`;
    const fields = problems.attempt(place, () => goFields(node, "v3"), form);
    const entry = fields && { node, fields, place, at };
    const store = entry && (await readStore(input, entry, problems.at(at)));
    stores.set(name, store);
    warnings.push(...(store?.warnings ?? []));
  });
  return stores;
}

function warningsOf(store: Store, settings: unknown, written: unknown, { place, at }: Entry): readonly PlanWarning[] {
  const where = { parameter: "stores", ...at };
  const remarks = (store.remarks?.(settings) ?? []).map(({ field, text, fix }): PlanWarning => {
    return { text: `${place}.${field}: ${fix}: ${text}`, about: "other", at: where };
  });
  const told = leftOutOf(written);
  return told === undefined ? remarks : [...remarks, { text: `${place}.ca: ${told}`, about: "tls", at: where }];
}

function readStore(input: DialectInput, entry: Entry, problems: Problems): Promise<NamedStore | undefined> {
  return entry.fields.has("profile") ? readProfile(input, entry, problems) : readInline(input, entry, problems);
}

async function readInline(input: DialectInput, entry: Entry, problems: Problems): Promise<NamedStore | undefined> {
  const { node, place } = entry;
  if (!input.operator.inlineStores) {
    const fix = "name one of the operator's profiles: { profile: ... }";
    problems.at(entry.at).addHere("LK0020", place, "the operator does not allow settings of a store here", fix);
    return undefined;
  }
  const fix = `write one of ${storeKinds.join(", ")}, or name an operator's profile with \`profile\``;
  const name = requiredText(entry.fields, "kind", { ...entry, fix }, problems);
  if (name === undefined) return undefined;
  if (!isStoreKind(name)) {
    noteUnknownKind(entry, name, problems);
    return undefined;
  }
  const store = await input.stores.load(name);
  const bounds = readBounds(entry.fields, place, problems);
  const written = problems.attempt(place, () => plainFields(node, ["kind", ...boundNames]));
  const checkName = () => undefined;
  if (written === undefined) return { store, settings: undefined, bounds, checkName };
  const shape = readShape(store.settings("pod"), written, [], (word, known) =>
    problems.hint(() => fixForField(word, known)),
  );
  if ("value" in shape)
    return { store, settings: shape, bounds, checkName, warnings: warningsOf(store, shape.value, written, entry) };
  for (const { path, message, fix: hint } of shape.problems) {
    problems.at(positionOf(node, path)).addHere("LK0020", placeOf(place, path), message, hint);
  }
  return { store, settings: undefined, bounds, checkName };
}

function leftOutOf(written: unknown): string | undefined {
  const ca = typeof written === "object" && written !== null && "ca" in written ? written.ca : undefined;
  return typeof ca === "string" ? leftOut(readBundle(ca)) : undefined;
}

async function readProfile(input: DialectInput, entry: Entry, problems: Problems): Promise<NamedStore | undefined> {
  const { fields, place } = entry;
  for (const [name, { at }] of fields) {
    if (name === "profile" || boundNames.some((bound) => bound === name)) continue;
    const message = `${quoted(name)} next to \`profile\`: a profile's settings cannot be changed here`;
    const fix = `remove ${named(name)}, or have the operator change the profile`;
    problems.at(at).addHere("LK0003", place, message, fix);
  }
  const name = requiredText(fields, "profile", { ...entry, fix: "write the profile's name" }, problems);
  const inProfile = problems.at(fields.get("profile")?.value.at);
  const profile =
    name === undefined ? undefined : inProfile.attempt(`${place}.profile`, () => findProfile(input, name));
  const opened = profile && (await openProfile(input, profile, entry, problems));
  return opened && { ...opened, checkName: (ref) => checkPrefix(profile, ref, input.namespace) };
}

async function openProfile(input: DialectInput, profile: Profile, { fields, place }: Entry, problems: Problems) {
  const subject = `${place}, profile ${quoted(profile.name)}`;
  const fix = "have the operator correct the profile in the file that --config names";
  if (!isStoreKind(profile.kind)) {
    problems.add("LK0020", subject, `unknown kind of store ${quoted(profile.kind)}`, fix);
    return undefined;
  }
  const store = await input.stores.load(profile.kind);
  const bounds = readBounds(fields, place, problems);
  const shape = readShape(store.settings("operator"), profile.settings);
  if ("value" in shape) return { store, settings: shape, bounds };
  for (const { path, message } of shape.problems) {
    problems.add(
      "LK0020",
      subject,
      `${path.length === 0 ? "" : `${path.map((part) => named(String(part))).join(".")}: `}${message}`,
      fix,
    );
  }
  return { store, settings: undefined, bounds };
}

/** Kinds that do not exist yet: a name of theirs is not a slip. */
const plannedKinds = ["kubernetes"];

function noteUnknownKind({ fields, place, at }: Entry, name: string, problems: Problems): void {
  const where = fields.get("kind")?.at ?? at;
  if (plannedKinds.includes(name)) {
    problems
      .at(where)
      .addHere(
        "LK0004",
        `${place}.kind`,
        `the store ${quoted(name)} is not supported yet`,
        `write one of ${storeKinds.join(", ")}`,
      );
  } else {
    const fix = fixForUnknown(name, storeKinds);
    problems.at(where).addHere("LK0003", `${place}.kind`, `unknown kind of store ${quoted(name)}`, fix);
  }
}
