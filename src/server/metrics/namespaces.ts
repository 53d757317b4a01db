/** Most namespaces that are told by name, each a series of its own in every store of metrics. */
const most = 100;

/** So long a namespace without mounts keeps its place, in milliseconds. */
const keptFor = 3_600_000;

/** The label of all other namespaces; no namespace can have this name. */
const otherNamespaces = "_other";

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names */
const dnsLabel = /^[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?$/;

/** Begins and ends the series of a namespace. */
export interface NamespaceSeries {
  begin(namespace: string): void;
  end(namespace: string): void;
}

/**
 * Bounds the namespaces that metrics name. The first hundred have a place. Another one gets that of whoever has had no
 * mount for longest, and for an hour at least; until there is one it is told as `_other`, as is what is no namespace's name.
 */
export class Namespaces {
  readonly #series: NamespaceSeries;
  readonly #now: () => number;
  readonly #seenAt = new Map<string, number>();

  constructor(series: NamespaceSeries, now: () => number) {
    this.#series = series;
    this.#now = now;
    series.begin(otherNamespaces);
  }

  /** Returns the label of a namespace that has just had a mount. */
  labelOf(namespace: string): string {
    const now = this.#now();
    if (!this.#seenAt.has(namespace) && !this.#admit(namespace, now)) return otherNamespaces;
    this.#seenAt.set(namespace, now);
    return namespace;
  }

  #admit(namespace: string, now: number): boolean {
    if (!dnsLabel.test(namespace)) return false;
    if (this.#seenAt.size >= most && !this.#makeRoom(now)) return false;
    this.#series.begin(namespace);
    return true;
  }

  #makeRoom(now: number): boolean {
    const [first, ...others] = this.#seenAt;
    if (first === undefined) return false;
    const [quietest, seenAt] = others.reduce((least, each) => (each[1] < least[1] ? each : least), first);
    if (now - seenAt < keptFor) return false;
    this.#seenAt.delete(quietest);
    this.#series.end(quietest);
    return true;
  }
}
