import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import type { Wire } from "./wire.ts";

type VersionMethod = Wire["service"]["Version"];

/** So long a socket may take to answer `Version`, in milliseconds: a probe of the kubelet waits one second by default. */
const patience = 700;

/** Whether the driver would be served now. */
export interface Readiness {
  readonly ready: boolean;
  /** Lines for people, which name no pod and no address. */
  readonly lines: readonly string[];
}

/** Finds out whether sockets are served, by calling `Version` on each as the driver does. */
export class SocketProbes {
  readonly #probes: readonly SocketProbe[];

  constructor({ service }: Wire, socketPaths: readonly string[]) {
    this.#probes = socketPaths.map((path) => new SocketProbe(path, service.Version));
  }

  /** Calls all at once. Never rejects. */
  async check(): Promise<Readiness> {
    const lines = await Promise.all(this.#probes.map((probe) => probe.failure()));
    const failed = lines.filter((line) => line !== undefined);
    return { ready: failed.length === 0, lines: failed };
  }

  /** Ends the connections. */
  close(): void {
    for (const probe of this.#probes) probe.close();
  }
}

/**
 * One socket and a connection to it, which is kept while the socket at the path is the same: connections cost 90 KiB that
 * wait for the garbage collection, and probes come all day.
 */
class SocketProbe {
  readonly #path: string;
  readonly #method: VersionMethod;
  #connected: { readonly to: string; readonly client: Client } | undefined;

  constructor(path: string, method: VersionMethod) {
    this.#path = path;
    this.#method = method;
  }

  /** Says what is wrong with the socket; undefined if nothing is. */
  async failure(): Promise<string | undefined> {
    const socket = await identityOf(this.#path);
    const failure = socket === undefined ? "is not there" : await this.#callVersion(this.#connect(socket));
    // After a failure a client waits before it connects again.
    if (failure !== undefined) this.close();
    return failure === undefined ? undefined : `${basename(this.#path)} ${failure}`;
  }

  close(): void {
    this.#connected?.client.close();
    this.#connected = undefined;
  }

  #connect(to: string): Client {
    if (this.#connected?.to === to) return this.#connected.client;
    this.close();
    const options = { "grpc.use_local_subchannel_pool": 1, "grpc.enable_http_proxy": 0, "grpc.enable_channelz": 0 };
    const client = new Client(`unix:${this.#path}`, credentials.createInsecure(), options);
    this.#connected = { to, client };
    return client;
  }

  #callVersion(client: Client): Promise<string | undefined> {
    const { path, requestSerialize, responseDeserialize } = this.#method;
    const options = { deadline: Date.now() + patience };
    return new Promise((resolve) => {
      client.makeUnaryRequest(
        ...([path, requestSerialize, responseDeserialize, { version: "v1alpha1" }, options] as const),
        (error, answer) => {
          if (error !== null) resolve(`does not answer Version (gRPC code ${error.code})`);
          else resolve(answer?.version === "v1alpha1" ? undefined : "answers Version with another API");
        },
      );
    });
  }
}

/** Which file is at a path; undefined where there is none, or where it cannot be looked at. */
async function identityOf(path: string): Promise<string | undefined> {
  return await stat(path).then(
    ({ dev, ino, ctimeMs }) => `${dev} ${ino} ${ctimeMs}`,
    () => undefined,
  );
}
