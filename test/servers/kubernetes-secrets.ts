import { randomUUID } from "node:crypto";
import * as z from "zod";
import { fieldsOf, fieldsV1, get, type ManagedEntry, ownedBy, put, remove } from "./kubernetes-fields.ts";
import { status } from "./kubernetes-status.ts";
import type { Answer, RecordedRequest } from "./scripted.ts";

/** A Secret as it is stored; data in base64. */
export interface StoredSecret {
  readonly uid: string;
  readonly resourceVersion: string;
  /** The leaves of the object by their paths: `data/password`, `type`. */
  readonly leaves: ReadonlyMap<string, string>;
  readonly managers: readonly ManagedEntry[];
}

/** Secrets of a cluster by `namespace/name`, with who manages which of their fields. */
export class StoredSecrets {
  readonly #secrets = new Map<string, StoredSecret>();
  #version = 100;

  get(key: string): StoredSecret | undefined {
    return this.#secrets.get(key);
  }

  /** Every `namespace/name`. */
  keys(): readonly string[] {
    return [...this.#secrets.keys()];
  }

  delete(key: string): void {
    this.#secrets.delete(key);
  }

  /** Removes what belongs to an owner that is gone, as the garbage collector does. */
  collect(uid: string): void {
    for (const [key, { leaves }] of this.#secrets) if (leaves.has(`metadata/ownerReferences/${uid}`)) this.delete(key);
  }

  /** Writes some leaves as anybody's program or editor would; undefined removes one. Whoever had them loses them. */
  edit(key: string, changes: Readonly<Record<string, string | undefined>>, manager = "kubectl"): void {
    const before = this.#secrets.get(key);
    const leaves = new Map(before?.leaves ?? [["type", "Opaque"]]);
    for (const [path, value] of Object.entries(changes)) {
      if (value === undefined) leaves.delete(path);
      else leaves.set(path, value);
    }
    const changed = Object.keys(changes);
    const others = (before?.managers ?? []).map((entry) => ({
      ...entry,
      fields: entry.fields.filter((path) => !changed.includes(path)),
    }));
    const own = { manager, operation: "Update" as const, fields: changed.filter((path) => leaves.has(path)) };
    this.#store(
      key,
      before,
      leaves,
      [...others, own].filter(({ fields }) => fields.length > 0),
    );
  }

  /** Server-side apply, as strict as the API server; `mayCreate` is the caller's right. */
  apply(key: string, { body, query }: RecordedRequest, mayCreate: boolean): Answer {
    const manager = query.get("fieldManager") ?? "";
    if (manager === "" || query.get("force") !== "false" || query.size !== 2) {
      return status(400, "BadRequest", "this cluster takes no apply that is forced or has no fieldManager");
    }
    const parsed = applied.safeParse(JSON.parse(body));
    if (!parsed.success) return status(400, "BadRequest", z.prettifyError(parsed.error));
    const { uid, resourceVersion, name, namespace } = parsed.data.metadata;
    if (`${namespace}/${name}` !== key) return status(400, "BadRequest", "the name does not match the path");
    const before = this.#secrets.get(key);
    if (before === undefined && uid !== undefined)
      return modified(name, "uid mismatch, and no existing object was found");
    if (before === undefined && !mayCreate)
      return status(403, "Forbidden", `secrets "${name}" is forbidden: cannot create`);
    if (uid !== undefined && before?.uid !== uid) return modified(name, "uid mismatch");
    if (before !== undefined && resourceVersion !== undefined && before.resourceVersion !== resourceVersion) {
      return modified(name, "the object has been modified; please apply your changes to the latest version");
    }
    return this.#merge(key, name, manager, fieldsOf(parsed.data), before);
  }

  #merge(key: string, name: string, manager: string, own: ReadonlyMap<string, string>, before?: StoredSecret): Answer {
    const others = (before?.managers ?? []).filter((entry) => entry.manager !== manager || entry.operation !== "Apply");
    const conflicts = [...own].flatMap(([path, value]) =>
      get(before?.leaves, path) === value ? [] : ownedBy(others, path).map((owner) => ({ path, owner })),
    );
    if (conflicts.length > 0) return conflict(name, conflicts);
    const mine = before?.managers.find((entry) => entry.manager === manager && entry.operation === "Apply");
    const dropped = (mine?.fields ?? []).filter((path) => !own.has(path) && ownedBy(others, path).length === 0);
    const leaves = put(remove(before?.leaves ?? new Map(), dropped), own);
    const invalid = invalidFields(leaves, before);
    if (invalid.length > 0) return unfit(name, invalid);
    const managers = [...others, { manager, operation: "Apply" as const, fields: [...own.keys()] }];
    const stored = this.#store(key, before, leaves, managers);
    return { status: before === undefined ? 201 : 200, body: metadataOf(key, stored) };
  }

  #store(
    key: string,
    before: StoredSecret | undefined,
    leaves: ReadonlyMap<string, string>,
    managers: readonly ManagedEntry[],
  ) {
    const same =
      JSON.stringify([[...(before?.leaves ?? [])].sort(), before?.managers]) ===
      JSON.stringify([[...leaves].sort(), managers]);
    if (before !== undefined && same) return before;
    this.#version += 1;
    const stored = { uid: before?.uid ?? randomUUID(), resourceVersion: String(this.#version), leaves, managers };
    this.#secrets.set(key, stored);
    return stored;
  }
}

const owner = z.strictObject({
  apiVersion: z.string().min(1),
  kind: z.string().min(1),
  name: z.string().min(1),
  uid: z.string().min(1),
});

const applied = z.strictObject({
  apiVersion: z.literal("v1"),
  kind: z.literal("Secret"),
  metadata: z.strictObject({
    name: z.string(),
    namespace: z.string(),
    uid: z.string().optional(),
    resourceVersion: z.string().optional(),
    labels: z.record(z.string(), z.string()).optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    ownerReferences: z.array(owner).optional(),
  }),
  type: z.string(),
  immutable: z.boolean().optional(),
  data: z.record(z.string(), z.base64()),
});

/** The metadata of a Secret as the API shows it where nothing else is asked for. */
export function metadataOf(key: string, { uid, resourceVersion, leaves, managers }: StoredSecret): object {
  const [namespace, name] = key.split("/");
  const below = (prefix: string) =>
    Object.fromEntries(
      [...leaves]
        .filter(([path]) => path.startsWith(prefix))
        .map(([path, value]) => [path.slice(prefix.length), value]),
    );
  return {
    kind: "PartialObjectMetadata",
    apiVersion: "meta.k8s.io/v1",
    metadata: {
      ...{ name, namespace, uid, resourceVersion, creationTimestamp: "2026-01-01T00:00:00Z" },
      labels: below("metadata/labels/"),
      annotations: below("metadata/annotations/"),
      ownerReferences: Object.values(below("metadata/ownerReferences/")).map((text) => JSON.parse(text)),
      managedFields: managers.map(({ manager, operation, fields }) => ({
        ...{ manager, operation, apiVersion: "v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1" },
        fieldsV1: fieldsV1(fields),
      })),
    },
  };
}

/** The data of a Secret, values in base64. */
export function dataOf({ leaves }: StoredSecret): Readonly<Record<string, string>> {
  const data = [...leaves].filter(([path]) => path.startsWith("data/"));
  return Object.fromEntries(data.map(([path, value]) => [path.slice("data/".length), value]));
}

const oneMiB = 1024 ** 2;

/** What the API server's own validation finds (kubernetes/pkg/apis/core/validation, ValidateSecret). */
function invalidFields(leaves: ReadonlyMap<string, string>, before: StoredSecret | undefined): readonly string[] {
  const data = [...leaves].filter(([path]) => path.startsWith("data/"));
  const bytes = data.reduce((sum, [, value]) => sum + Buffer.from(value, "base64").length, 0);
  const type = leaves.get("type") ?? "";
  const needed = new Map([
    ["kubernetes.io/tls", ["data/tls.crt", "data/tls.key"]],
    ["kubernetes.io/ssh-auth", ["data/ssh-privatekey"]],
    ["kubernetes.io/dockerconfigjson", ["data/.dockerconfigjson"]],
  ]);
  const changed = (path: string) => before !== undefined && before.leaves.get(path) !== leaves.get(path);
  const frozen = before?.leaves.get("immutable") === "true";
  return [
    ...(bytes > oneMiB ? ["data"] : []),
    ...data.map(([path]) => path).filter((path) => !/^data\/[-._a-zA-Z0-9]{1,253}$/.test(path)),
    ...(needed.get(type) ?? []).filter((path) => !leaves.has(path)),
    ...(changed("type") ? ["type"] : []),
    ...(frozen && (data.some(([path]) => changed(path)) || changed("immutable")) ? ["data"] : []),
  ];
}

function modified(name: string, why: string): Answer {
  return status(409, "Conflict", `Operation cannot be fulfilled on secrets "${name}": ${why}`);
}

function conflict(name: string, conflicts: readonly { readonly path: string; readonly owner: string }[]): Answer {
  const causes = conflicts.map(({ path, owner }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with "${owner}" using v1`,
    field: `.${path.replaceAll("/", ".")}`,
  }));
  const answer = status(409, "Conflict", `Apply failed with ${causes.length} conflicts on "${name}"`);
  return withCauses(answer, causes);
}

/** The real message quotes values too; here it always does. */
function unfit(name: string, fields: readonly string[]): Answer {
  const causes = fields.map((path) => ({
    reason: "FieldValueInvalid",
    message: "Invalid value",
    field: path.replace("data/", "data[").replace(/^(data\[.*)$/, "$1]"),
  }));
  return withCauses(status(422, "Invalid", `Secret "${name}" is invalid`), causes);
}

function withCauses(answer: Answer, causes: readonly object[]): Answer {
  if (typeof answer === "string") return answer;
  return { ...answer, body: { ...(answer.body as object), details: { kind: "secrets", causes } } };
}
