import { flagOf, variableOf } from "../../src/config/options.ts";
import { loadConfig } from "../../src/node/load-config.ts";
import { options } from "../../src/node/options.ts";
import { parseObjects } from "../docs/documents.ts";
import { renderChart, type Values } from "../servers/helm.ts";

/** A container of the chart, as far as tests look at it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly command?: readonly string[];
  readonly args: readonly string[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: Readonly<Record<string, unknown>>;
  readonly resources: { readonly limits: Readonly<Record<string, string>> };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
  readonly [probe: `${string}Probe`]:
    | { readonly httpGet: { readonly path: string; readonly port: string } }
    | undefined;
}

/** A rule of a Role or ClusterRole. */
interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** The chart as Helm renders it. */
export interface Rendered {
  readonly text: string;
  readonly objects: readonly Record<string, unknown>[];
  readonly pod: {
    readonly initContainers?: readonly Container[];
    readonly containers: readonly [Container];
    readonly volumes: readonly Record<string, unknown>[];
    readonly [field: string]: unknown;
  };
  readonly container: Container;
  /** The init containers, then the container. */
  readonly containers: readonly Container[];
  /** The rules of all roles; those without a namespace hold in every one. */
  readonly rules: readonly (Rule & { readonly namespace?: string })[];
}

/** The chart with these values. */
export async function render(values: Values = {}): Promise<Rendered> {
  const text = await renderChart(values);
  const objects = parseObjects(text).filter((object) => object !== null);
  const daemonSet = objects.find(({ kind }) => kind === "DaemonSet") as {
    spec: { template: { spec: Rendered["pod"] } };
  };
  const pod = daemonSet.spec.template.spec;
  const roles = objects.filter(({ kind }) => kind === "Role" || kind === "ClusterRole");
  const rules = roles.flatMap(({ metadata, rules }) => {
    const { namespace } = metadata as { namespace?: string };
    return (rules as readonly Rule[]).map((rule) => ({ ...rule, ...(namespace === undefined ? {} : { namespace }) }));
  });
  const containers = [...(pod.initContainers ?? []), ...pod.containers];
  return { text, objects, pod, container: pod.containers[0], containers, rules };
}

const names = new Map(Object.keys(options).map((name) => [flagOf(name), name]));

const variables = new Map(Object.keys(options).map((name) => [variableOf(name), name]));

/**
 * The settings that arguments and variables of the container give, by option name. Throws for a flag or a variable of
 * Latchkey's that the program does not have.
 */
export function settingsOf({ args, env = [] }: Container, podIp = "10.0.0.1"): ReadonlyMap<string, string> {
  const [command, ...flags] = args;
  if (command !== "serve") throw new Error(`the command is ${command}`);
  const known = env.map((each) => each.name);
  const given = flags.map((flag): readonly [string, string] => {
    const [, name = "", value = "true"] = /^(--[a-z-]+)(?:=(.*))?$/.exec(flag) ?? [];
    const option = names.get(name);
    if (option === undefined) throw new Error(`there is no flag ${flag}`);
    return [option, expand(value, known, podIp)];
  });
  return new Map([...env.flatMap(settingOf), ...given]);
}

function settingOf({ name, value = "" }: { readonly name: string; readonly value?: string }) {
  if (!name.startsWith("LATCHKEY_")) return [];
  const option = variables.get(name);
  if (option === undefined) throw new Error(`there is no variable ${name}`);
  return [[option, value] as const];
}

/** As the kubelet puts in what the container's environment has. */
function expand(value: string, known: readonly string[], podIp: string): string {
  return value.replace(/\$\((\w+)\)/g, (text, name: string) => (known.includes(name) ? podIp : text));
}

/** Reads the settings as the program does at its start. Throws where it would not start. */
export async function startsWith(container: Container, config: Values = {}, podIp?: string): Promise<void> {
  const flags = new Map([...settingsOf(container, podIp)].filter(([name]) => name !== "config"));
  const file = Object.entries(config).map(([name, value]): [string, string] => [name, String(value)]);
  await loadConfig({ flags: new Map([...file, ...flags]), env: {} });
}
