import type { ZodType } from "zod";
import * as z from "zod";
import { ProviderError } from "../../errors.ts";
import { unclearPath } from "../../formats/plain-path.ts";
import { readBundle } from "../../http/pem.ts";
import type { Author } from "../store.ts";
import { parseVaultAddress } from "./address.ts";
import { authNames, type Fields, problemsOf, readAuth, readTls } from "./settings-parts.ts";
import type { VaultSettings } from "./types.ts";

/** One line of visible text: it ends in a header or a path. */
const line = z.string().regex(/^[^\p{Cc}]+$/u, "must be one line of text and not empty");

/** Servers of one cluster; more would be asked one after the other in vain. */
const mostAddresses = 16;

/** One address, or several that are tried in their order. */
const address = z.unknown().transform((value, context) => {
  const list = Array.isArray(value) ? value : [value];
  if (list.length === 0 || list.length > mostAddresses) {
    context.addIssue({ code: "custom", message: `must be one address or a list of at most ${mostAddresses}` });
    return z.NEVER;
  }
  const parsed = list.map((text, at) => readAddress(text, Array.isArray(value) ? [at] : [], context));
  return parsed.includes(undefined) ? z.NEVER : [...new Set(parsed as string[])];
});

function readAddress(text: unknown, path: number[], context: z.RefinementCtx): string | undefined {
  if (typeof text !== "string") {
    context.addIssue({ code: "invalid_type", expected: "string", input: text, path });
    return undefined;
  }
  try {
    const parsed = parseVaultAddress(text);
    const message = unclearPath(text.trim().replace(/^(?:https?:\/\/[^/]*|unix:\/\/)/i, ""));
    if (message === undefined) return parsed;
    context.addIssue({ code: "custom", path, message });
    return undefined;
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    context.addIssue({ code: "custom", path, message: `${thrown.message}: ${thrown.details.fix}` });
    return undefined;
  }
}

/** More than any name needs; a server or proxy cuts requests off somewhere above. */
const longest = 1024;

const isShort = (text: string) => Buffer.byteLength(text) <= longest;
const tooLong = { message: "must be 1 KiB at most" };
const shortLine = line.refine(isShort, tooLong);

/** Notes a path that the server could read in another way than a fence of the operator does. */
function plain(text: string, context: z.RefinementCtx): void {
  const message = unclearPath(text);
  if (message !== undefined) context.addIssue({ code: "custom", message });
}

/** Without those at its ends. A pattern would look at a long row of others again from each of them. */
function withoutSlashes(text: string): string {
  let [from, to] = [0, text.length];
  while (text[from] === "/") from += 1;
  while (to > from && text[to - 1] === "/") to -= 1;
  return text.slice(from, to);
}

const mount = line
  .transform(withoutSlashes)
  .refine((text) => text !== "" && unclearPath(text) === undefined, {
    message: "must be the path of an auth mount, such as kubernetes",
  })
  .refine(isShort, tooLong);

/**
 * `X-Vault-Namespace`, without slashes at its ends; empty for the root, which servers know by the name `root` as well. A
 * header: beyond ASCII, one server would read it as UTF-8 and the next as Latin-1.
 */
export const vaultNamespace = z
  .string()
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters without spaces")
  .transform(withoutSlashes)
  .refine(isShort, tooLong)
  .superRefine(plain)
  .transform((text) => (text === "root" ? "" : text));

/** A bundle of every CA of the world takes that; each list of servers keeps its own. */
const longestPem = 256 * 1024;

const pem = z
  .string()
  .includes("-----BEGIN CERTIFICATE-----", { message: "must be certificates in PEM form", abort: true })
  .max(longestPem, { message: "must be 256 KiB at most", abort: true })
  .superRefine((text, context) => {
    const { certificates, fault } = readBundle(text);
    if (certificates.length > 0) return;
    const why = fault === undefined ? "" : `: ${fault}`;
    context.addIssue({ code: "custom", message: `has no certificate that can be read${why}` });
  });
const path = z.string().startsWith("/", "must be an absolute path");

const written = {
  kind: z.literal("vault").optional(),
  flavour: z.enum(["vault", "openbao"], "must be vault or openbao").default("vault"),
  address,
  auth: z.enum(authNames, "must be kubernetes, jwt, approle or cert").default("jwt"),
  role: shortLine.optional(),
  mount: mount.optional(),
  namespace: vaultNamespace.optional(),
  audience: shortLine.optional(),
  ca: pem.optional(),
  tlsServerName: shortLine.optional(),
};

/** The fields that reach into Latchkey's own file system, or trust anybody. */
const operatorOnly = {
  caFile: path.optional(),
  caDirectory: path.optional(),
  clientCertFile: path.optional(),
  clientKeyFile: path.optional(),
  skipTlsVerify: z.boolean().optional(),
  roleIdFile: path.optional(),
  secretIdFile: path.optional(),
};

/** The settings as the native dialect writes them. */
export function vaultSettings(author: Author): ZodType<VaultSettings> {
  return schemas[author];
}

/** Kept: a schema is compiled when it is first used, and every plan uses one. */
const schemas: Readonly<Record<Author, ZodType<VaultSettings>>> = {
  pod: schemaFor("pod"),
  operator: schemaFor("operator"),
};

function schemaFor(author: Author): ZodType<VaultSettings> {
  const shape = author === "pod" ? z.strictObject(written) : z.strictObject({ ...written, ...operatorOnly });
  return shape
    .superRefine((fields: Fields, context) => {
      for (const [name, message] of problemsOf(fields)) {
        context.addIssue({ code: "custom", path: [name], message });
      }
    })
    .transform((fields) => settingsOf(fields, author));
}

function settingsOf(fields: Fields, addressFrom: Author): VaultSettings {
  const [first = "", ...others] = fields.address;
  return {
    addresses: [first, ...others],
    addressFrom,
    flavour: fields.flavour,
    ...(fields.namespace === undefined ? {} : { namespace: fields.namespace }),
    tls: readTls(fields),
    auth: readAuth(fields),
  };
}
