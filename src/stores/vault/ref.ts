import type { ZodType } from "zod";
import * as z from "zod";
import { ProviderError } from "../../errors.ts";
import { writeGoJson } from "../../formats/go-json.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonValue } from "../../formats/json.ts";
import { parsePlainApiPath } from "./api-path.ts";
import { vaultNamespace } from "./settings.ts";
import type { VaultRef } from "./types.ts";

/** The methods that Node's HTTP takes, except those that request nothing. */
const method = z
  .string()
  .regex(/^[A-Za-z]{1,20}$/, "must be an HTTP method, such as GET, LIST or PUT")
  .transform((text) => text.toUpperCase())
  .refine(
    (text) => text !== "CONNECT" && text !== "TRACE",
    "must be a method that Vault knows, such as GET, LIST or PUT",
  );

/** A map of anything that JSON can say, as plain values or as `JsonValue`, which keeps numbers as they were written. */
const args = z.unknown().transform((value, context) => {
  const json = jsonOf(value, 0);
  if (isJsonObject(json)) return writeGoJson(json);
  context.addIssue({ code: "custom", message: "must be a map of values that JSON knows" });
  return z.NEVER;
});

/**
 * A ref as the native dialect writes it: `name` is the API path, such as `secret/data/shop/db`; `version: previous` is the version
 * before the current one.
 */
export const vaultRef: ZodType<VaultRef> = z
  .strictObject({
    name: z.string(),
    method: method.default("GET"),
    args: args.optional(),
    namespace: vaultNamespace.optional(),
    version: z
      .literal("previous", { error: "must be previous; write a number behind the name, as in ?version=3" })
      .optional(),
  })
  .transform(({ name, method: verb, args: body, namespace, version }, context) => {
    try {
      const ref = { method: verb, ...parsePlainApiPath(name) };
      if (version !== undefined && (verb !== "GET" || ref.query !== "" || body !== undefined)) {
        const message = "previous excludes a method, args and a query: the current version is read first";
        context.addIssue({ code: "custom", path: ["version"], message });
        return z.NEVER;
      }
      const more = { ...(body === undefined ? {} : { body }), ...(namespace === undefined ? {} : { namespace }) };
      return { ...ref, ...more, ...(version === undefined ? {} : { previous: true as const }) };
    } catch (thrown) {
      if (!(thrown instanceof ProviderError)) throw thrown;
      context.addIssue({ code: "custom", path: ["name"], message: `${thrown.message}: ${thrown.details.fix}` });
      return z.NEVER;
    }
  });

/** The ref as it was meant: the API path without its version, behind a method that is not the usual one. */
export function nameOfVaultRef({ method: verb, path, query, previous }: VaultRef): string {
  const name = `${path.slice("/v1/".length)}${query === "" ? "" : `?${query}`}`;
  if (previous === true) return `${name}, the version before the current one`;
  return verb === "GET" ? name : `${verb} ${name}`;
}

/** Deeper arguments are nobody's. */
const deepest = 100;

/** A value as JSON, or undefined for one that JSON cannot say. */
function jsonOf(value: unknown, depth: number): JsonValue | undefined {
  if (depth > deepest) return undefined;
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (value instanceof JsonNumber) return value;
  if (typeof value === "number") return Number.isFinite(value) ? new JsonNumber(JSON.stringify(value)) : undefined;
  if (Array.isArray(value)) return wholeList(value.map((item) => jsonOf(item, depth + 1)));
  if (typeof value !== "object") return undefined;
  const members = value instanceof Map ? [...value] : Object.entries(value as object);
  const values = wholeList(members.map(([, member]) => jsonOf(member, depth + 1)));
  return isJsonArray(values) ? new Map(values.map((member, at) => [String(members[at]?.[0]), member])) : undefined;
}

function wholeList(items: readonly (JsonValue | undefined)[]): readonly JsonValue[] | undefined {
  return items.includes(undefined) ? undefined : (items as readonly JsonValue[]);
}
