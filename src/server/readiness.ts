import { basename } from "node:path";
import { Client, credentials } from "@grpc/grpc-js";
import type { Wire } from "./wire.ts";

/** So long a socket may take to answer `Version`, in milliseconds: a probe of the kubelet waits one second by default. */
const patience = 700;

/** Whether the driver would be served now. */
export interface Readiness {
  readonly ready: boolean;
  /** Lines for people, which name no pod and no address. */
  readonly lines: readonly string[];
}

/** Calls `Version` on each socket, as the driver would, all at once. */
export async function checkSockets({ service }: Wire, socketPaths: readonly string[]): Promise<Readiness> {
  const failures = await Promise.all(
    socketPaths.map(async (path) => {
      const failure = await callVersion(service.Version, path);
      return failure === undefined ? [] : [`${basename(path)} ${failure}`];
    }),
  );
  const lines = failures.flat();
  return { ready: lines.length === 0, lines };
}

/** By a connection of its own: one that is open already would answer where a new one could not be made. Gives what failed. */
async function callVersion(method: Wire["service"]["Version"], path: string): Promise<string | undefined> {
  const client = new Client(`unix:${path}`, credentials.createInsecure(), {
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_http_proxy": 0,
  });
  try {
    return await answerOf(client, method);
  } finally {
    client.close();
  }
}

function answerOf(client: Client, method: Wire["service"]["Version"]): Promise<string | undefined> {
  const { path, requestSerialize, responseDeserialize } = method;
  return new Promise((resolve) => {
    const options = { deadline: Date.now() + patience };
    client.makeUnaryRequest(
      ...([path, requestSerialize, responseDeserialize, { version: "v1alpha1" }, options] as const),
      (error, answer) => {
        if (error !== null) resolve(`does not answer Version (gRPC code ${error.code})`);
        else resolve(answer?.version === "v1alpha1" ? undefined : "answers Version with another API");
      },
    );
  });
}
