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

/** More than any name needs; a server or proxy cuts requests off somewhere above. */
const longest = 1024;

const isShort = (text: string) => Buffer.byteLength(text) <= longest;
const tooLong = { message: "must be 1 KiB at most" };
const shortLine = line.refine(isShort, tooLong);

const mount = line
  .transform((text) => text.replace(/^\/+|\/+$/g, ""))
  .refine((text) => text !== "" && !text.split("/").some((part) => /^\.{0,2}$/.test(part)), {
    message: "must be the path of an auth mount, such as kubernetes",
  })
  .refine(isShort, tooLong);

/** A header: beyond ASCII, one server would read it as UTF-8 and the next as Latin-1. */
const namespace = z
  .string()
  .regex(/^[\x21-\x7e]+$/, "must be visible ASCII characters without spaces")
  .transform((text) => text.replace(/^\/+|\/+$/g, ""))
  .refine(isShort, tooLong);

const pem = z.string().includes("-----BEGIN CERTIFICATE-----", { message: "must be certificates in PEM form" });

const defaultAudience = "vault";

const written = {
  kind: z.literal("vault").optional(),
  address,
  role: shortLine,
  mount: mount.default("kubernetes"),
  namespace: namespace.optional(),
  audience: shortLine.optional(),
  ca: pem.optional(),
  tlsServerName: shortLine.optional(),
};

/** The settings as the native dialect writes them: `caFile` is the operator's word only. */
export function vaultSettings(author: Author): ZodType<VaultSettings> {
  if (author === "pod") return z.strictObject(written).transform((parsed) => settingsOf(parsed, author));
  const more = { ...written, caFile: z.string().startsWith("/", "must be an absolute path").optional() };
  return z.strictObject(more).transform((parsed) => settingsOf(parsed, author));
}

type Written = z.infer<z.ZodObject<typeof written>> & { readonly caFile?: string | undefined };

function settingsOf(parsed: Written, addressFrom: Author): VaultSettings {
  const { address: only, namespace: own, role, mount: authMount, audience = defaultAudience } = parsed;
  const { ca, caFile, tlsServerName: serverName } = parsed;
  const audienceChosen = parsed.audience !== undefined;
  return {
    addresses: [only],
    addressFrom,
    flavour: "vault",
    ...(own === undefined ? {} : { namespace: own }),
    tls: { ca, caFile, serverName },
    auth: { method: "jwt", mount: authMount, role, audience, audienceChosen },
  };
}
