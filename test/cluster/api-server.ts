import { generateKeyPair } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { type Child, startChild } from "../servers/child.ts";
import type { ApiClient } from "./api-client.ts";

/** Where an API server has its files, and what it serves. */
export interface ApiServerPlace {
  /** The program with the parts of a cluster. */
  readonly program: string;
  readonly directory: string;
  readonly etcdUrl: string;
  readonly port: number;
}

/** The issuer of service account tokens. */
export const issuer = "https://kubernetes.default.svc.cluster.local";

/** Makes a key pair for service account tokens: `<name>.key` and `<name>.pub` in the directory. */
export async function writeSigningKey(directory: string, name: string): Promise<void> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)("rsa", { modulusLength: 2048 });
  const pkcs8 = { type: "pkcs8", format: "pem" } as const;
  await writeFile(join(directory, `${name}.key`), privateKey.export(pkcs8), { mode: 0o600 });
  await writeFile(join(directory, `${name}.pub`), publicKey.export({ type: "spki", format: "pem" }));
}

/** Which keys sign and verify: names that `writeSigningKey` was given. */
export interface TokenKeyNames {
  readonly signs: string;
  readonly verify: readonly string[];
}

/**
 * Starts kube-apiserver on loopback with RBAC, the usual admission plug-ins and the files `server.crt`, `server.key`,
 * `users.csv` and `audit-policy.json` of its directory. Throws with its output where it does not start.
 */
export async function startApiServer(place: ApiServerPlace, keys: TokenKeyNames): Promise<Child> {
  const { program, directory, etcdUrl, port } = place;
  const file = (name: string) => join(directory, name);
  return await startChild({
    name: "kube-apiserver",
    command: program,
    args: [
      "kube-apiserver",
      `--etcd-servers=${etcdUrl}`,
      ...["--bind-address=127.0.0.1", `--secure-port=${port}`, "--endpoint-reconciler-type=none"],
      ...[`--tls-cert-file=${file("server.crt")}`, `--tls-private-key-file=${file("server.key")}`],
      ...["--authorization-mode=RBAC", `--token-auth-file=${file("users.csv")}`],
      ...[`--service-account-issuer=${issuer}`, `--service-account-signing-key-file=${file(`${keys.signs}.key`)}`],
      ...keys.verify.map((name) => `--service-account-key-file=${file(`${name}.pub`)}`),
      ...["--service-cluster-ip-range=10.96.0.0/24", "--allow-privileged=true"],
      ...[`--audit-policy-file=${file("audit-policy.json")}`, `--audit-log-path=${file("audit.log")}`],
      ...["--shutdown-delay-duration=0s", "--v=1"],
    ],
    ready: new RegExp(`Serving securely on 127\\.0\\.0\\.1:${port}`),
    startTimeoutMs: 90_000,
    // It would wait for every watch to end.
    stopSignal: "SIGKILL",
  });
}

/** Waits until the API server says that it is ready. */
export async function untilReady(api: ApiClient): Promise<void> {
  for (let tries = 0; tries < 600; tries += 1) {
    const answer = await api.call({ method: "GET", path: "/readyz" }).catch(() => undefined);
    if (answer?.status === 200) return;
    await sleep(100);
  }
  throw new Error("the API server did not become ready");
}
