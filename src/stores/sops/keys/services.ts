import type { ZodType } from "zod";
import type { Author, OtherSource, Store, Stores } from "../../store.ts";
import type { WrappedKey } from "../document/metadata.ts";
import { type ServiceName, type SopsSettings, serviceNames } from "../types.ts";

/** A key that a service unwraps. */
export type ServiceKey = Extract<WrappedKey, { readonly by: "aws" | "gcp" | "azure" | "transit" }>;

/** A problem with a field of a service's settings. */
interface FieldProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  readonly fix?: string | undefined;
}

/** How a key is written for the store of its service. */
interface Asking {
  readonly settings: Readonly<Record<string, unknown>>;
  readonly ref: Readonly<Record<string, unknown>>;
}

type Given = Readonly<Record<string, unknown>>;

interface Service {
  readonly kind: string;
  /** Settings that the key itself says, for a check of the rest. */
  readonly sample: Given;
  readonly ask: (key: ServiceKey, given: Given) => Asking | undefined;
}

const services: Readonly<Record<ServiceName, Service>> = {
  aws: {
    kind: "aws-kms",
    sample: { region: "eu-west-1" },
    ask: (key, given) => {
      if (key.by !== "aws") return undefined;
      const role = key.role === undefined || given.assumeRoleArn !== undefined ? {} : { assumeRoleArn: key.role };
      return {
        settings: { ...given, ...role, region: key.arn.split(":")[3] ?? "" },
        ref: { key: key.arn, ciphertext: key.wrapped, context: key.context },
      };
    },
  },
  gcp: {
    kind: "gcp-kms",
    sample: {},
    ask: (key, given) =>
      key.by === "gcp" ? { settings: given, ref: { key: key.resource, ciphertext: key.wrapped } } : undefined,
  },
  azure: {
    kind: "azure-keys",
    sample: { vault: "vault" },
    ask: (key, given) =>
      key.by === "azure"
        ? {
            settings: { ...given, vault: vaultNameOf(key.vaultUrl) },
            ref: { url: key.vaultUrl, key: key.name, version: key.version, ciphertext: key.wrapped },
          }
        : undefined,
  },
  vault: {
    kind: "vault-transit",
    sample: { address: "https://vault.invalid" },
    ask: (key, given) =>
      key.by === "transit"
        ? {
            settings: { address: key.address, ...given },
            ref: { mount: key.mount, key: key.name, ciphertext: key.wrapped },
          }
        : undefined,
  },
};

function vaultNameOf(url: string): string {
  return /^https:\/\/([^./]+)\./.exec(url)?.[1] ?? url;
}

const serviceOf = { aws: "aws", gcp: "gcp", azure: "azure", transit: "vault" } as const;

/** Decides whether a key is one of a service that may be asked: of those that the settings name, or of any if they name none. */
export function isAsked(key: WrappedKey, { services: named }: SopsSettings): key is ServiceKey {
  if (!(key.by in serviceOf)) return false;
  const name = serviceOf[key.by as keyof typeof serviceOf];
  return serviceNames.every((each) => named[each] === undefined) ? name !== "vault" : named[name] !== undefined;
}

/** The stores of key services. */
export class KeyServices {
  readonly #stores: Readonly<Record<ServiceName, Store>>;

  private constructor(stores: Readonly<Record<ServiceName, Store>>) {
    this.#stores = stores;
  }

  /** Loads them; their SDKs are loaded by those who ask them. */
  static async load(stores: Pick<Stores, "load">): Promise<KeyServices> {
    const loaded = serviceNames.map(async (name) => [name, await stores.load(services[name].kind)] as const);
    return new KeyServices(Object.fromEntries(await Promise.all(loaded)) as Record<ServiceName, Store>);
  }

  /** Returns what is wrong with a service's settings. */
  problemsOf(name: ServiceName, given: Given | undefined, author: Author): readonly FieldProblem[] {
    if (given === undefined) return [];
    // An operator's settings are trusted with every address, so they never take the one that a document names.
    const { [name]: service } = services;
    const sample = name === "vault" && author === "operator" ? {} : service.sample;
    const parsed = this.#stores[name].settings(author).safeParse({ ...sample, ...given });
    return (parsed.error?.issues ?? []).map((issue) => ({
      path: issue.path.map((part) => (typeof part === "number" ? part : String(part))),
      message: issue.message,
      ...("params" in issue ? { fix: textIn(issue.params?.fix) } : {}),
    }));
  }

  /** Returns the source that unwraps a key. Throws a `ZodError` for a key that no service takes. */
  sourceOf(key: ServiceKey, { services: named, author }: SopsSettings): OtherSource {
    const name = serviceOf[key.by];
    const { kind, ask } = services[name];
    const store = this.#stores[name];
    const asking = ask(key, named[name] ?? {});
    const read = <T>(schema: ZodType<T>, value: unknown) => schema.parse(value);
    return { store: kind, settings: read(store.settings(author), asking?.settings), ref: read(store.ref, asking?.ref) };
  }
}

function textIn(fix: unknown): string | undefined {
  return typeof fix === "string" ? fix : undefined;
}
