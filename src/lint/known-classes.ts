import type { KubernetesObject } from "./kubernetes-objects.ts";
import type { LintedClass } from "./lint-class.ts";
import type { MadeSecret } from "./secret-objects.ts";

/** A SecretProviderClass of the input. */
interface KnownClass extends LintedClass {
  readonly name: string;
  /** The default one where it names none. */
  readonly namespace: string;
}

/** A Secret that SecretProviderClasses of one namespace make. */
interface KnownSecret {
  readonly keys: ReadonlySet<string>;
  /** The names of the classes. */
  readonly madeBy: readonly string[];
}

/** The SecretProviderClasses of all files of a run, and the Secrets that they make. */
export class KnownClasses {
  readonly defaultNamespace: string;
  readonly #byKey = new Map<string, KnownClass>();
  readonly #own = new Set<string>();

  constructor(defaultNamespace: string) {
    this.defaultNamespace = defaultNamespace;
  }

  /** Takes a class; gives the first one where its name is taken already. */
  add(linted: LintedClass): LintedClass | undefined {
    const { name } = linted.object;
    const namespace = this.namespaceOf(linted.object);
    const key = keyOf(namespace, name);
    const first = this.#byKey.get(key);
    if (first === undefined) this.#byKey.set(key, { ...linted, name, namespace });
    return name === "" ? undefined : first;
  }

  /** Takes a Secret of the input itself: nothing is known of who else writes it. */
  addOwn(object: KubernetesObject): void {
    this.#own.add(keyOf(this.namespaceOf(object), object.name));
  }

  namespaceOf({ namespace }: KubernetesObject): string {
    return namespace || this.defaultNamespace;
  }

  find(namespace: string, name: string): KnownClass | undefined {
    return this.#byKey.get(keyOf(namespace, name));
  }

  get all(): readonly KnownClass[] {
    return [...this.#byKey.values()];
  }

  /** The Secret of a name that only classes make; undefined where none does, or somebody else does too. */
  secret(namespace: string, name: string): KnownSecret | undefined {
    if (name === "" || this.#own.has(keyOf(namespace, name))) return undefined;
    const classes = this.all.filter((each) => each.namespace === namespace);
    const made = classes.flatMap((each) =>
      each.secrets.filter((secret) => secret.name === name).map((secret): [string, MadeSecret] => [each.name, secret]),
    );
    if (made.length === 0) return undefined;
    return {
      keys: new Set(made.flatMap(([, { keys }]) => [...keys])),
      madeBy: [...new Set(made.map(([each]) => each))],
    };
  }
}

function keyOf(namespace: string, name: string): string {
  return JSON.stringify([namespace, name]);
}
