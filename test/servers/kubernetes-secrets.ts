import { randomUUID } from "node:crypto";
import * as z from "zod";
import { type Admission, refusedBy } from "./kubernetes-admission.ts";
import { fieldsOf, fieldsV1, get, type ManagedEntry, ownedBy, put, remove } from "./kubernetes-fields.ts";
import { forbidden } from "./kubernetes-rbac.ts";
import { type Fault, invalidFields, oneMiB } from "./kubernetes-secret-rules.ts";
import { status, unlessEmpty } from "./kubernetes-status.ts";
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
  readonly #admissions = new Map<string, Admission>();
  #version = 100;

  get(key: string): StoredSecret | undefined {
    return this.#secrets.get(key);
  }

  /** Every `namespace/name`. */
  keys(): readonly string[] {
    return [...this.#secrets.keys()];
  }

  /** Puts one back as it was. */
  put(key: string, secret: StoredSecret | undefined): void {
    if (secret !== undefined) this.#secrets.set(key, secret);
  }

  delete(key: string): void {
    this.#secrets.delete(key);
  }

  /** Removes what belongs to an owner that is gone, as the garbage collector does. */
  collect(uid: string): void {
    for (const [key, { leaves }] of this.#secrets) if (leaves.has(`metadata/ownerReferences/${uid}`)) this.delete(key);
  }

  /** Has the cluster refuse Secrets of a namespace; undefined ends that. */
  setAdmission(namespace: string, admission: Admission | undefined): void {
    if (admission === undefined) this.#admissions.delete(namespace);
    else this.#admissions.set(namespace, admission);
  }

  /** The refusal of a Secret by the cluster; undefined if nothing is against it. */
  refusal(key: string, data: Readonly<Record<string, string>>): Answer | undefined {
    const [namespace = "", name = ""] = key.split("/");
    return refusedBy(this.#admissions.get(namespace), { namespace, name, data, isNew: !this.#secrets.has(key) });
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
    if (body.length > 3 * oneMiB) return status(413, "RequestEntityTooLarge", "Request entity too large");
    if (before === undefined && uid !== undefined) {
      const why = `uid mismatch: the provided object specified uid ${uid}, and no existing object was found`;
      return modified(name, why);
    }
    if (before === undefined && !mayCreate) {
      return forbidden({ verb: "create", group: "", resource: "secrets", namespace }, name);
    }
    if (before !== undefined && resourceVersion !== undefined && before.resourceVersion !== resourceVersion) {
      return modified(
        name,
        "the object has been modified; please apply your changes to the latest version and try again",
      );
    }
    if (uid !== undefined && before?.uid !== uid) return unfit(name, [["metadata.uid", "FieldValueInvalid"]]);
    return this.#merge(key, name, manager, parsed.data, before);
  }

  #merge(key: string, name: string, manager: string, object: AppliedSecret, before?: StoredSecret): Answer {
    const own = fieldsOf(object);
    const others = (before?.managers ?? []).filter((entry) => entry.manager !== manager || entry.operation !== "Apply");
    const conflicts = [...own].flatMap(([path, value]) =>
      get(before?.leaves, path) === value ? [] : ownedBy(others, path).map((owner) => ({ path, owner })),
    );
    if (conflicts.length > 0) return conflict(conflicts);
    const mine = before?.managers.find((entry) => entry.manager === manager && entry.operation === "Apply");
    const dropped = (mine?.fields ?? []).filter((path) => !own.has(path) && ownedBy(others, path).length === 0);
    const leaves = put(remove(before?.leaves ?? new Map(), dropped), own);
    const refusal = this.refusal(key, object.data);
    if (refusal !== undefined) return refusal;
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

type AppliedSecret = z.infer<typeof applied>;

/** The metadata of a Secret as the API shows it where nothing else is asked for. */
export function metadataOf(key: string, { uid, resourceVersion, leaves, managers }: StoredSecret) {
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
      ...unlessEmpty("labels", below("metadata/labels/")),
      ...unlessEmpty("annotations", below("metadata/annotations/")),
      ...unlessEmpty(
        "ownerReferences",
        Object.values(below("metadata/ownerReferences/")).map((text) => JSON.parse(text)),
      ),
      ...unlessEmpty(
        "managedFields",
        managers.map(({ manager, operation, fields }) => ({
          ...{ manager, operation, apiVersion: "v1", time: "2026-01-01T00:00:00Z", fieldsType: "FieldsV1" },
          fieldsV1: fieldsV1(fields),
        })),
      ),
    },
  };
}

/** The data of a Secret, values in base64. */
export function dataOf({ leaves }: StoredSecret): Readonly<Record<string, string>> {
  const data = [...leaves].filter(([path]) => path.startsWith("data/"));
  return Object.fromEntries(data.map(([path, value]) => [path.slice("data/".length), value]));
}

function modified(name: string, why: string): Answer {
  const message = `Operation cannot be fulfilled on secrets "${name}": ${why}`;
  return status(409, "Conflict", message, { name, kind: "secrets" });
}

function conflict(conflicts: readonly { readonly path: string; readonly owner: string }[]): Answer {
  const causes = conflicts.map(({ path, owner }) => ({
    reason: "FieldManagerConflict",
    message: `conflict with "${owner}" using v1`,
    field: `.${path.replaceAll("/", ".")}`,
  }));
  const words = causes.map(({ message, field }) => `${message}: ${field}`).join("\n");
  const count = causes.length === 1 ? "1 conflict" : `${causes.length} conflicts`;
  return status(409, "Conflict", `Apply failed with ${count}: ${words}`, { causes });
}

/** The real message quotes values too, and so does this one. */
function unfit(name: string, faults: readonly Fault[]): Answer {
  const causes = faults.map(([path, reason]) => ({
    ...{ reason, message: 'Invalid value: "quoted"' },
    field: path.replace("data/", "data[").replace(/^(data\[.*)$/, "$1]"),
  }));
  const message = `Secret "${name}" is invalid: ${causes.map((cause) => `${cause.field}: ${cause.message}`).join(", ")}`;
  return status(422, "Invalid", message, { name, kind: "Secret", causes });
}
