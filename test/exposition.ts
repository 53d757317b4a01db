/** One number of a scrape. */
export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

/** One metric: what is told of it, and its samples in order. */
export interface Family {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** The answer of a process to a scrape. */
export class Scrape {
  readonly families: readonly Family[];

  constructor(families: readonly Family[]) {
    this.families = families;
  }

  /** The sample with this name and these labels, no more and no fewer; undefined where there is none. */
  value(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
    return this.samples(name).find((sample) => seriesOf(sample) === seriesOf({ name, labels: mapOf(labels) }))?.value;
  }

  /** All samples with this name. */
  samples(name: string): readonly Sample[] {
    return this.families.flatMap(({ samples }) => samples).filter((sample) => sample.name === name);
  }
}

/**
 * Reads Prometheus's text format 0.0.4 and allows nothing that it does not: HELP and TYPE first, each family in one piece,
 * each series once, known escapes, buckets that add up (https://prometheus.io/docs/instrumenting/exposition_formats/).
 */
export function parseExposition(text: string): Scrape {
  if (!text.endsWith("\n")) throw new Error("the last line has no end");
  const families = text.split(/^(?=# HELP )/m).map(parseFamily);
  refuseTwice(families.map(({ name }) => name));
  refuseTwice(families.flatMap(({ samples }) => samples.map(seriesOf)));
  for (const family of families) if (family.type === "histogram") checkBuckets(family);
  return new Scrape(families);
}

function parseFamily(block: string): Family {
  const head = /^# HELP ([a-z_][a-z0-9_]*) (\S.*)\n# TYPE (\S+) (counter|gauge|histogram)\n/.exec(block);
  const [whole = "", name = "", help = "", typed, type = ""] = head ?? [];
  if (head === null || typed !== name) throw new Error(`${block.split("\n", 1)[0]}: no help or no type`);
  const lines = block.slice(whole.length).split("\n");
  const samples = lines.filter((line) => line !== "").map(parseSample);
  const own = type === "histogram" ? ["_bucket", "_sum", "_count"].map((suffix) => name + suffix) : [name];
  const stranger = samples.find((sample) => !own.includes(sample.name));
  if (stranger !== undefined) throw new Error(`${stranger.name} is no sample of ${name}`);
  return { name, help, type, samples };
}

function refuseTwice(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${twice} stands there twice`);
}

function parseSample(line: string): Sample {
  const match = /^([a-z_][a-z0-9_]*)(?:\{(.*)\})? (NaN|[+-]?(?:Inf|\d+(?:\.\d+)?(?:e[+-]?\d+)?))$/.exec(line);
  if (match === null) throw new Error(`${line} is no sample`);
  const [, name = "", inside = "", number = ""] = match;
  const labels = new Map<string, string>();
  const form = /([a-z_][a-z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)/gy;
  while (form.lastIndex < inside.length) {
    const label = form.exec(inside);
    if (label === null || labels.has(label[1] ?? "")) throw new Error(`${line} has wrong labels`);
    labels.set(
      label[1] ?? "",
      (label[2] ?? "").replace(/\\(.)/g, (_, escaped) => (escaped === "n" ? "\n" : escaped)),
    );
  }
  return { name, labels, value: Number(number.replace("Inf", "Infinity")) };
}

function checkBuckets({ name, samples }: Family): void {
  const bySeries = Map.groupBy(samples, (sample) => seriesOf({ name, labels: without(sample.labels, "le") }));
  for (const [series, all] of bySeries) {
    const buckets = all.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.get("le")?.replace("Inf", "Infinity")));
    const counts = buckets.map(({ value }) => value);
    const rising = (list: readonly number[]) =>
      list.every((value, index) => index === 0 || value >= (list[index - 1] ?? 0));
    const count = all.find((sample) => sample.name === `${name}_count`)?.value;
    const whole = all.some((sample) => sample.name === `${name}_sum`) && bounds.at(-1) === Number.POSITIVE_INFINITY;
    if (!whole || !rising(bounds) || !rising(counts) || counts.at(-1) !== count)
      throw new Error(`the buckets of ${series} do not add up`);
  }
}

function without(labels: ReadonlyMap<string, string>, name: string): ReadonlyMap<string, string> {
  return new Map([...labels].filter(([label]) => label !== name));
}

function mapOf(labels: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  return new Map(Object.entries(labels));
}

function seriesOf({ name, labels }: Pick<Sample, "name" | "labels">): string {
  return `${name} ${JSON.stringify([...labels].sort())}`;
}
