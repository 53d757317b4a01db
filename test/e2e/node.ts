import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createLogger } from "../../src/log.ts";
import { loadConfig } from "../../src/node/load-config.ts";
import { startService } from "../../src/node/service.ts";
import { createDriver, type Driver, type PublishError, type Published, type PublishOptions } from "../driver.ts";
import type { KubernetesApi } from "../servers/kubernetes.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";

/** One line of Latchkey's log. */
type LogLine = Readonly<Record<string, unknown>>;

/** A node of a cluster: Latchkey on its sockets, with the driver, the kubelet and the cluster's token issuer played. */
export interface TestNode {
  readonly driver: Driver;
  readonly issuer: TokenIssuer;
  /** A directory of the test's own. */
  readonly directory: string;
  readonly socketDir: string;
  readonly kubeletDir: string;
  /** Port of the admin server, where flags ask for one. */
  readonly adminPort: number | undefined;
  readonly log: readonly LogLine[];
  /** The log lines of mounts. */
  mounts(): readonly LogLine[];
  /** Publishes a volume of a pod, with tokens for the audiences. */
  publish(options: NodePublish): Promise<Published>;
  /** The same where an error is expected. Throws where there is none. */
  publishError(options: NodePublish): Promise<PublishError>;
  stop(): Promise<void>;
}

/** A publish on a node; what is left out is filled in for a usual pod. */
interface NodePublish extends Omit<PublishOptions, "pod" | "targetRoot"> {
  readonly pod?: Partial<PublishOptions["pod"]>;
  /** Audiences that the CSIDriver asks tokens for. */
  readonly audiences?: readonly string[];
}

/** Settings of the process; `config` is the text of a config file. */
export interface NodeOptions {
  readonly flags?:
    | Readonly<Record<string, string>>
    | ((directory: string) => Promise<Readonly<Record<string, string>>>);
  readonly config?: string | ((directory: string) => string);
  readonly issuer?: TokenIssuer;
  /** Its Kubernetes API: its flags are given, with credentials written as a service account volume holds them. */
  readonly cluster?: Pick<KubernetesApi, "writeCredentials">;
  /** Asks the Kubernetes API that the flags name for the keys of tokens, in place of a file. */
  readonly keysOfApi?: boolean;
}

/** Starts Latchkey in this process, behind a real socket. Stop it when done. */
export async function startNode(options: NodeOptions = {}): Promise<TestNode> {
  const directory = await mkdtemp(join(tmpdir(), "lk-"));
  const socketDir = join(directory, "s");
  const kubeletDir = join(directory, "kubelet");
  await mkdir(socketDir);
  const issuer = options.issuer ?? (await createTokenIssuer());
  const log: LogLine[] = [];
  const service = await startService(
    await loadConfig({ flags: await flagsOf(options, { directory, socketDir, kubeletDir, issuer }), env: {} }),
    "0.0.0-test",
    createLogger("debug", { write: (line) => log.push(JSON.parse(line)) }),
  );
  const driver = createDriver({ socketDir });
  const publish = async (request: NodePublish) => await driver.publish(await complete(request, kubeletDir, issuer));
  return {
    driver,
    issuer,
    directory,
    socketDir,
    kubeletDir,
    adminPort: service.adminPort,
    log,
    mounts: () => log.filter((line) => line.msg === "mount"),
    publish,
    publishError: (request) => expectError(publish(request)),
    async stop() {
      driver.close();
      await service.stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}

interface Place {
  readonly directory: string;
  readonly socketDir: string;
  readonly kubeletDir: string;
  readonly issuer: TokenIssuer;
}

async function flagsOf(options: NodeOptions, place: Place): Promise<ReadonlyMap<string, string>> {
  const { directory, socketDir, kubeletDir, issuer } = place;
  const tokenKeys = join(directory, "jwks.json");
  await writeFile(tokenKeys, JSON.stringify(issuer.jwks()));
  const flags = new Map(
    Object.entries({
      socketDir,
      kubeletDir,
      tokenKeys,
      tokenIssuer: issuer.issuer,
      versionKey: "ephemeral",
      providers: "latchkey,vault,aws",
      drain: "1s",
      ...(await options.cluster?.writeCredentials(directory)),
      ...(typeof options.flags === "function" ? await options.flags(directory) : options.flags),
    }),
  );
  if (flags.has("versionKeyFile")) flags.delete("versionKey");
  if (options.keysOfApi === true) for (const name of ["tokenKeys", "tokenIssuer"]) flags.delete(name);
  if (options.config !== undefined) {
    const path = join(directory, "config.yaml");
    await writeFile(path, typeof options.config === "string" ? options.config : options.config(directory));
    flags.set("config", path);
  }
  return flags;
}

async function complete(request: NodePublish, targetRoot: string, issuer: TokenIssuer): Promise<PublishOptions> {
  const { audiences, pod: given, ...rest } = request;
  const pod = { name: "web-0", namespace: "shop", uid: "0000-0001", serviceAccount: "payments", ...given };
  const tokens =
    audiences === undefined
      ? undefined
      : await issuer.tokens({ ...pod, podName: pod.name, podUid: pod.uid }, audiences);
  return { ...(tokens === undefined ? {} : { tokens }), ...rest, pod, targetRoot };
}

async function expectError(work: Promise<Published>): Promise<PublishError> {
  const outcome = await work.then(
    ({ masked }) => masked,
    (error: PublishError) => error,
  );
  if (outcome === undefined) throw new Error("the mount worked, an error was expected");
  return outcome;
}
