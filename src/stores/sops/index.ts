import { ZodError } from "zod";
import type { Author, OtherSource, Store, Stores } from "../store.ts";
import type { SopsParts } from "./definition.ts";
import { isAsked, KeyServices } from "./keys/services.ts";
import { documentOf, nameOfSops, sopsRef, sopsSearch } from "./ref.ts";
import { openSopsSession } from "./session.ts";
import { sopsSettings } from "./settings.ts";
import type { SopsRef, SopsSearch, SopsSettings } from "./types.ts";

/**
 * Documents that are encrypted by SOPS: in the SecretProviderClass itself, or in a directory of the operator's. They are
 * read each time; the key that unlocks one is asked for as the pod, and kept as a secret is.
 */
export async function createSopsStore(
  { host, own }: SopsParts,
  stores: Pick<Stores, "load">,
): Promise<Store<SopsSettings, SopsRef, SopsSearch>> {
  const services = await KeyServices.load(stores);
  const parts = { services, ageKeyFiles: own.ageKeyFiles ?? [], concurrency: host.concurrency };
  const schemas = { pod: sopsSettings("pod", services), operator: sopsSettings("operator", services) };
  return {
    kind: "sops",
    settings: (author: Author) => schemas[author],
    ref: sopsRef,
    search: sopsSearch,
    nameOf: nameOfSops,
    isLocal: () => true,
    asks: (settings, ref) => askedFor(settings, ref, services),
    endpoint: ({ directory = "" }) => directory,
    place: ({ directory }) => directory ?? "the SecretProviderClass",
    audience: () => undefined,
    scope: () => "serviceAccount",
    effect: () => "read",
    proof: () => "token",
    needs: () => [],
    open: async (request) => openSopsSession(request, parts),
    shutdown: async () => undefined,
  };
}

/** The keys of a document that the SecretProviderClass brings; which ones a file's document has is known when it is read. */
function askedFor(settings: SopsSettings, ref: SopsRef | SopsSearch, services: KeyServices): readonly OtherSource[] {
  if (!("ciphertext" in ref)) return [];
  const { groups } = documentOf(ref).metadata;
  return groups.flat().flatMap((key) => {
    if (!isAsked(key, settings)) return [];
    try {
      return [services.sourceOf(key, settings)];
    } catch (thrown) {
      // A key that cannot be asked is told when it is.
      if (thrown instanceof ZodError) return [];
      throw thrown;
    }
  });
}
