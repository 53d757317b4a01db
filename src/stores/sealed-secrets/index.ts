import { realpath } from "node:fs/promises";
import pLimit from "p-limit";
import { shared } from "../../async/once.ts";
import { ProviderError } from "../../errors.ts";
import { directoryFor } from "../file/directory.ts";
import { readFileBelow } from "../file/read-file.ts";
import { searchFiles } from "../file/search.ts";
import { inTime } from "../in-time.ts";
import type { OpenRequest, Secret, Session, Store } from "../store.ts";
import type { SealedParts } from "./definition.ts";
import { manifestIn } from "./manifest.ts";
import { openedSecret } from "./opened-secret.ts";
import { PrivateKeys } from "./private-keys.ts";
import { nameOfSealed, sealedRef, sealedSearch } from "./ref.ts";
import { sealedSettings } from "./settings.ts";
import type { InlineSealedRef, SealedRef, SealedSearch, SealedSettings } from "./types.ts";
import { unseal } from "./unseal.ts";

/** SealedSecrets in the SecretProviderClass or in a directory of the operator's, opened on the node each time. */
export function createSealedStore(parts: SealedParts): Store<SealedSettings, SealedRef, SealedSearch> {
  const keys = new PrivateKeys();
  return {
    kind: "sealed-secrets",
    settings: sealedSettings,
    ref: sealedRef,
    search: sealedSearch,
    nameOf: nameOfSealed,
    isLocal: () => true,
    endpoint: ({ directory = "" }) => directory,
    place: ({ directory }) => directory ?? "the SecretProviderClass",
    audience: () => undefined,
    scope: () => "serviceAccount",
    effect: () => "read",
    proof: () => "token",
    needs: () => [],
    open: async (request) => openSession(request, keys, parts),
    shutdown: async () => undefined,
  };
}

function openSession(
  request: OpenRequest<SealedSettings>,
  keys: PrivateKeys,
  { host, own }: SealedParts,
): Session<SealedRef, SealedSearch> {
  const { settings, identity } = request;
  const root = shared(() => rootOf(request));
  const limit = pLimit(host.concurrency);
  const read = async (ref: SealedRef | SealedSearch): Promise<Secret> => {
    if ("prefix" in ref) return await searchFiles(root, ref);
    const sealed = "encryptedData" in ref ? ref : await fromFile(root, ref.name, identity.namespace);
    const found = await keys.read(settings.keys ?? own.keys, identity);
    return openedSecret(await unseal(sealed, identity.namespace, found));
  };
  return {
    read: (ref, { signal, count }) => {
      const started = () => {
        count("read");
        return read(ref);
      };
      return limit(() => inTime(started, signal, nameOfSealed(ref)));
    },
    close: async () => undefined,
  };
}

async function fromFile(root: () => Promise<string>, name: string, namespace: string): Promise<InlineSealedRef> {
  const manifest = manifestIn(await readFileBelow(root, name), `the file ${name}`);
  const { namespace: own, scope } = manifest;
  if (own === undefined || own === namespace || scope === "cluster-wide") return manifest;
  throw new ProviderError(
    "LK0033",
    `the SealedSecret in ${name} is of the namespace ${own}, and the pod of ${namespace}`,
    {
      fix: `make it again for the namespace ${namespace} (kubeseal), or put it where pods of ${own} look`,
    },
  );
}

async function rootOf({ settings: { directory }, identity }: OpenRequest<SealedSettings>): Promise<string> {
  if (directory !== undefined) return await realpath(directoryFor(directory, identity));
  throw new ProviderError("LK0020", "the store has no directory of SealedSecrets", {
    fix: "write encryptedData, or name an operator's profile that has a directory",
  });
}
