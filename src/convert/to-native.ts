import { canonicalText } from "../cache/keys.ts";
import type { Plan, Source, Wanted } from "../plan/plan.ts";
import { storeDefinition } from "../stores/index.ts";
import type { NativeFields, ToNative } from "../stores/to-native.ts";
import { nativeExpansion, nativeFile } from "./native-secret.ts";

/** Parameters of the native dialect as values, and what they do not say as the other dialect did. */
export interface NativeForm {
  readonly stores: ReadonlyMap<string, NativeFields>;
  readonly secrets: readonly NativeFields[];
  readonly notes: readonly string[];
}

/**
 * Converts a drop-in dialect's plan to the native dialect. All dialects plan in the same terms, so it does not check
 * which one it gets.
 */
export async function toNative(plan: Plan): Promise<NativeForm> {
  const kinds = new Set(
    plan.secrets.flatMap(({ source, next }) => [source, ...(next?.sources ?? [])]).map(({ store }) => store),
  );
  const loaded = await Promise.all(
    [...kinds].map(async (kind) => [kind, await storeDefinition(kind).toNative()] as const),
  );
  const forms = new Map(loaded);
  const formOf = (kind: string) => forms.get(kind) as ToNative;
  const stores = new StoreNames(formOf);
  const nativeRef = ({ store, ref }: Source) => formOf(store).ref(ref);
  const secrets = plan.secrets.map((wanted) => {
    const { source, next } = wanted;
    // First, so that stores stand in the order in which they are asked.
    const store = stores.nameOf(source);
    const files = plan.outputs.filter(({ from }) => from === wanted.id).map(nativeFile);
    const expansion = plan.expansions?.find(({ from }) => from === wanted.id);
    const others = (next?.sources ?? []).map((other) => ({ store: stores.nameOf(other), ...nativeRef(other) }));
    return {
      store,
      ...nativeRef(source),
      optional: wanted.optional,
      files: files.length === 0 ? undefined : files,
      expand: expansion && nativeExpansion(expansion),
      fallback: others.length === 0 ? undefined : others,
    };
  });
  return { stores: stores.fields, secrets, notes: [...stores.notes, ...notesOf(plan)] };
}

/** Stores by settings: `vault`, `aws-secrets-manager`, and with a number where there are several of a kind. */
class StoreNames {
  readonly fields = new Map<string, NativeFields>();
  readonly notes: string[] = [];
  readonly #names = new Map<string, string>();
  readonly #formOf: (kind: string) => ToNative;

  constructor(formOf: (kind: string) => ToNative) {
    this.#formOf = formOf;
  }

  nameOf(source: Pick<Source, "store" | "settings">): string {
    const key = `${source.store} ${canonicalText(source.settings)}`;
    const known = this.#names.get(key);
    if (known !== undefined) return known;
    const count = [...this.fields.keys()].filter((name) => name.startsWith(source.store)).length;
    const name = count === 0 ? source.store : `${source.store}-${count + 1}`;
    const { fields, notes } = this.#formOf(source.store).store(source.settings);
    this.#names.set(key, name);
    this.fields.set(name, fields);
    this.notes.push(...notes.map((note) => `stores.${name}: ${note}`));
    return name;
  }
}

function notesOf({ outputs, expansions = [], secrets }: Plan): readonly string[] {
  const whole = outputs.filter(({ select }) => select.of === "envelope").map(({ path }) => path);
  const joined = expansions.filter(({ pathOf }) => pathOf("a/b") !== `${(pathOf("k") ?? "k").slice(0, -1)}a/b`);
  return [
    "object versions are computed differently (an HMAC of path and content): tools that restart workloads on a change do so once",
    ...whole.map(
      (path) => `${path}: the native form cannot give the store's whole answer; the file holds only the secret's data`,
    ),
    ...joined.map(({ subject }) => `${subject}: slashes in keys become directories; the provider replaced them`),
    ...secrets.filter(hasFailover).map(({ subject }) => `${subject}: ${failoverNote}`),
  ];
}

const failoverNote =
  "a fallback is asked only if the first region cannot be reached and no stale value is left, not after other failures";

function hasFailover({ next }: Wanted): boolean {
  return next?.stale === "afterNext";
}
