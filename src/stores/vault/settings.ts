import { type ZodType, z } from "zod";
import { ProviderError } from "../../errors.ts";
import type { Author } from "../store.ts";
import { parseVaultAddress } from "./address.ts";
import type { VaultSettings } from "./types.ts";

/** One line of visible text: it ends in a header or a path. */
const line = z.string().regex(/^[^\p{Cc}]+$/u, "must be one line of text and not empty");

const address = z.string().transform((text, context) => {
  try {
    return parseVaultAddress(text);
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    context.addIssue({ code: "custom", message: `${thrown.message}: ${thrown.details.fix}` });
    return z.NEVER;
  }
});

const mount = line
  .transform((text) => text.replace(/^\/+|\/+$/g, ""))
  .refine((text) => text !== "" && !text.split("/").some((part) => /^\.{0,2}$/.test(part)), {
    message: "must be the path of an auth mount, such as kubernetes",
  });

const namespace = line.transform((text) => text.replace(/^\/+|\/+$/g, ""));

const pem = z.string().includes("-----BEGIN CERTIFICATE-----", { message: "must be certificates in PEM form" });

const written = {
  kind: z.literal("vault").optional(),
  address,
  role: line,
  mount: mount.default("kubernetes"),
  namespace: namespace.optional(),
  audience: line.default("vault"),
  ca: pem.optional(),
  tlsServerName: line.optional(),
};

/** The settings as the native dialect writes them: `caFile` is the operator's word only. */
export function vaultSettings(author: Author): ZodType<VaultSettings> {
  if (author === "pod") return z.strictObject(written).transform((parsed) => settingsOf(parsed, author));
  const more = { ...written, caFile: z.string().startsWith("/", "must be an absolute path").optional() };
  return z.strictObject(more).transform((parsed) => settingsOf(parsed, author));
}

type Written = z.infer<z.ZodObject<typeof written>> & { readonly caFile?: string | undefined };

function settingsOf({ kind: _, mount: authMount, ...rest }: Written, addressFrom: Author): VaultSettings {
  return { ...rest, authMount, addressFrom };
}
