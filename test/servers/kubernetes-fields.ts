/** One field manager's entry in `managedFields`, its fields as paths. */
export interface ManagedEntry {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly fields: readonly string[];
}

interface Applied {
  readonly metadata: {
    readonly labels?: unknown;
    readonly annotations?: unknown;
    readonly ownerReferences?: readonly { readonly uid: string }[] | undefined;
  };
  readonly type: string;
  readonly immutable?: boolean | undefined;
  readonly data: unknown;
}

/** The leaves of an applied object by their paths. */
export function fieldsOf({ metadata, type, immutable, data }: Applied): ReadonlyMap<string, string> {
  const below = (prefix: string, texts: unknown) =>
    Object.entries((texts ?? {}) as Record<string, string>).map(([key, value]) => [`${prefix}/${key}`, value] as const);
  return new Map([
    ...below("metadata/labels", metadata.labels),
    ...below("metadata/annotations", metadata.annotations),
    ...(metadata.ownerReferences ?? []).map(
      (owner) => [`metadata/ownerReferences/${owner.uid}`, JSON.stringify(owner)] as const,
    ),
    ["type", type] as const,
    ...(immutable === undefined ? [] : [["immutable", String(immutable)] as const]),
    ...below("data", data),
  ]);
}

/** The paths as FieldsV1 has them. Keys may hold slashes. */
export function fieldsV1(paths: readonly string[]): object {
  const root: Record<string, unknown> = {};
  for (const path of paths) {
    const match = /^(metadata)\/(labels|annotations|ownerReferences)\/(.*)$|^(data)\/(.*)$|^(.*)$/.exec(path) ?? [];
    const [, metadata, kind, key, data, dataKey, plain] = match;
    if (metadata !== undefined && kind !== undefined) {
      const leaf = kind === "ownerReferences" ? `k:${JSON.stringify({ uid: key })}` : `f:${key}`;
      inside(inside(root, "f:metadata"), `f:${kind}`)[leaf] = {};
    } else if (data !== undefined) inside(root, "f:data")[`f:${dataKey}`] = {};
    else root[`f:${plain}`] = {};
  }
  return root;
}

function inside(object: Record<string, unknown>, key: string): Record<string, unknown> {
  object[key] ??= {};
  return object[key] as Record<string, unknown>;
}

/** Who of them has the field. */
export function ownedBy(entries: readonly ManagedEntry[], path: string): readonly string[] {
  return entries.filter(({ fields }) => fields.includes(path)).map(({ manager }) => manager);
}

/** One leaf. */
export function get(leaves: ReadonlyMap<string, string> | undefined, path: string): string | undefined {
  return leaves?.get(path);
}

/** The leaves without some. */
export function remove(leaves: ReadonlyMap<string, string>, paths: readonly string[]): ReadonlyMap<string, string> {
  return new Map([...leaves].filter(([path]) => !paths.includes(path)));
}

/** The leaves, with others over them. */
export function put(
  leaves: ReadonlyMap<string, string>,
  over: ReadonlyMap<string, string>,
): ReadonlyMap<string, string> {
  return new Map([...leaves, ...over]);
}
