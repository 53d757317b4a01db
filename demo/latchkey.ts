import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type LogLine, mountIn } from "../test/cluster/log.ts";
import { startChild } from "../test/servers/child.ts";
import type { TokenIssuer } from "../test/tokens.ts";
import { BrokenPromise, promise } from "./check.ts";

/** The log line of one mount, as far as the demo reads it. */
interface MountLine extends LogLine {
  /** Secrets that were served although their store could not be asked. */
  readonly stale?: number;
  readonly storeCalls: { readonly login: number; readonly read: number };
}

/** A running Latchkey. */
export interface Latchkey {
  readonly socketDir: string;
  /** The last log line of a pod's mounts. */
  mountOf(pod: string): Promise<MountLine>;
  /** Settings that the operator gave, with why. */
  readonly settings: readonly (readonly [flag: string, why: string])[];
  stop(): Promise<void>;
}

/** How to start it. */
export interface LatchkeyOptions {
  readonly provider: string;
  readonly directory: string;
  readonly issuer: TokenIssuer;
  readonly flags: readonly string[];
}

/** The flags of the demo, each with its reason. The last three are usually two minutes, 1.5 seconds and ten seconds. */
const settings = [
  ["--allow-address=127.0.0.1", "loopback is refused otherwise"],
  ["--refresh=1s", "fresh for a second, so that you need not wait"],
  ["--stale-after=300ms", "how long a mount waits for a silent store"],
  ["--deny-memory=0s", "ask again after each denial"],
] as const;

/** Returns the path of the built program. Throws if it is not built. */
export function builtBundle(): string {
  const bundle = fileURLToPath(new URL("../dist/latchkey.mjs", import.meta.url));
  if (!existsSync(bundle)) throw new BrokenPromise("dist/latchkey.mjs is missing: run npm run build");
  return bundle;
}

/** Starts the built `dist/latchkey.mjs` as a node's DaemonSet would, with the cluster's public key in a file. */
export async function startLatchkey(options: LatchkeyOptions): Promise<Latchkey> {
  const { directory, issuer, provider } = options;
  const bundle = builtBundle();
  const tokenKeys = join(directory, "jwks.json");
  await writeFile(tokenKeys, JSON.stringify(issuer.jwks()));
  const identity = ["--token-keys", tokenKeys, "--token-issuer", issuer.issuer, "--version-key", "ephemeral"];
  const serving = ["--socket-dir", directory, "--providers", provider];
  const child = await startChild({
    name: "Latchkey",
    command: process.execPath,
    args: [bundle, "serve", ...serving, ...identity, ...settings.map(([flag]) => flag), ...options.flags],
    ready: /"msg":"serving"/,
  });
  return {
    ...{ socketDir: directory, settings },
    mountOf: async (pod) => (await mountIn(child.output, pod)) as MountLine,
    stop: async () => {
      await child.stop();
      promise("Latchkey removes its socket when it stops", !existsSync(join(directory, `${provider}.sock`)));
    },
  };
}
