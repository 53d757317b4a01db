import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { generate } from "selfsigned";
import { ensureKubeseal } from "../../servers/ciphertext-tools.ts";

/** The scopes of the real tool. */
type Scope = "strict" | "namespace-wide" | "cluster-wide";

/** A Secret to seal; values are bytes or text. */
export interface PlainSecret {
  readonly name: string;
  readonly namespace: string;
  readonly data: Readonly<Record<string, string | Uint8Array>>;
  readonly type?: string;
  readonly scope?: Scope;
}

/** The real tool with a controller's key of its own. */
export interface SealingTool {
  /** The private key in PEM, as the controller's Secret has it. */
  readonly key: string;
  readonly certificate: string;
  /** The manifest of the SealedSecret, in YAML. */
  seal(secret: PlainSecret): Promise<string>;
  stop(): Promise<void>;
}

/** Makes a key, and starts. */
export async function openSealingTool(): Promise<SealingTool> {
  const program = await ensureKubeseal();
  const directory = await mkdtemp(join(tmpdir(), "lk-kubeseal-"));
  const made = await generate([{ name: "commonName", value: "sealed-secret" }], { keySize: 2048, algorithm: "sha256" });
  const cert = join(directory, "tls.crt");
  await writeFile(cert, made.cert);
  return {
    key: made.private,
    certificate: made.cert,
    async seal({ name, namespace, data, type = "Opaque", scope = "strict" }) {
      const encoded = Object.entries(data).map(([key, value]) => [key, Buffer.from(value).toString("base64")] as const);
      const secret = { apiVersion: "v1", kind: "Secret", type, metadata: { name, namespace } };
      const args = ["--cert", cert, "--scope", scope, "--format", "yaml"];
      const env = { PATH: process.env.PATH ?? "", HOME: directory };
      const child = spawn(program, args, { env, stdio: ["pipe", "pipe", "pipe"] });
      child.stdin.end(JSON.stringify({ ...secret, data: Object.fromEntries(encoded) }));
      const [[code], out, err] = await Promise.all([once(child, "close"), text(child.stdout), text(child.stderr)]);
      if (code !== 0) throw new Error(`kubeseal: ${err.slice(-2_000)}`);
      return out;
    },
    stop: () => rm(directory, { recursive: true, force: true }),
  };
}
