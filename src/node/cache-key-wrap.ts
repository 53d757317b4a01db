import type { KeyWrap } from "../cache/persistence/key-wrap.ts";
import type { Config } from "../config/config.ts";
import { ConfigError } from "../config/config-error.ts";
import { readOperatorFile } from "../config/operator-file.ts";
import { flagOf } from "../config/options.ts";
import { Redacted } from "../redacted.ts";
import type { KeyWrapping } from "../stores/definition.ts";
import { keyServices } from "../stores/index.ts";
import type { Identity, Store, Stores } from "../stores/store.ts";

/** Longest wait for a key service, in milliseconds: the start waits for it. */
const patience = 5_000;

/** The key service that wraps the cache's key, as the operator named it. Throws `ConfigError` for one that there is not. */
export async function openKeyWrap(named: string, config: Config, stores: Stores): Promise<KeyWrap> {
  const [scheme, key] = split(named);
  const service = keyServices.find(({ wrapping }) => wrapping?.scheme === scheme);
  const forms = keyServices.flatMap(({ wrapping }) => wrapping?.form ?? []);
  if (service?.wrapping === undefined || key === "") {
    throw new ConfigError(`${flagOf("cacheKeyWrap")}: ${named} is not a key; write ${forms.join(" or ")}`);
  }
  const { kind, wrapping } = service;
  const store = await stores.load(kind);
  const { cacheKeyWrapRole: role, cacheKeyWrapAddress: address, cacheKeyWrapCaFile: caFile } = config;
  const settings = parsed(() => store.settings("operator").parse(wrapping.settings(key, { role, address, caFile })));
  const run = async (part: WrappingPart): Promise<Uint8Array> =>
    await ask(
      store,
      settings,
      parsed(() => store.ref.parse(wrapping.ref(key, part))),
      config,
    );
  return {
    name: named,
    wrap: async (bytes) => await run({ plaintext: Buffer.from(bytes).toString("base64") }),
    unwrap: async (bytes) => await run({ ciphertext: Buffer.from(bytes).toString("utf8") }),
  };
}

type WrappingPart = Parameters<KeyWrapping["ref"]>[1];

function split(named: string): readonly [scheme: string, key: string] {
  const at = named.indexOf(":");
  return at < 0 ? [named, ""] : [named.slice(0, at), named.slice(at + 1)];
}

function parsed<T>(read: () => T): T {
  try {
    return read();
  } catch (thrown) {
    const issues = thrown instanceof Error && "issues" in thrown ? (thrown.issues as readonly Issue[]) : undefined;
    if (issues === undefined) throw thrown;
    const said = issues.map(({ path, message }) => [path.join("."), message].filter((part) => part !== "").join(": "));
    throw new ConfigError(`${flagOf("cacheKeyWrap")}: ${said.join("; ")}`);
  }
}

interface Issue {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** One call as Latchkey's own account, by a login of its own: it is made at a start, and seldom after. */
async function ask(store: Store, settings: unknown, ref: unknown, config: Config): Promise<Uint8Array> {
  const context = { signal: AbortSignal.timeout(patience), count: () => undefined };
  const identity = await ownIdentity(store.audience(settings)?.name ?? "", config);
  const session = await store.open({ identity, settings, found: new Map(), context });
  try {
    return (await session.read(ref, context)).value.reveal();
  } finally {
    await session.close();
  }
}

/** By the token that the operator named, read each time: whoever projects it renews it. */
async function ownIdentity(audience: string, { cacheKeyWrapTokenFile: file = "" }: Config): Promise<Identity> {
  const token = (await readOperatorFile(file, flagOf("cacheKeyWrapTokenFile"))).toString("utf8").trim();
  const [, namespace = "latchkey", serviceAccount = "latchkey"] =
    /^system:serviceaccount:([^:]+):(.+)$/.exec(subjectOf(token)) ?? [];
  return { namespace, serviceAccount, proved: true, tokens: new Map([[audience, new Redacted(token)]]) };
}

/** For the names of sessions only: whoever takes the token judges it. */
function subjectOf(token: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null && "sub" in claims ? String(claims.sub) : "";
  } catch {
    return "";
  }
}
