import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ensureGoTool, ensureMade } from "./go-tool.ts";

const run = promisify(execFile);

const ageVersion = "v1.3.2";

/** The tool that encrypts documents, made on first use in about four minutes. */
export async function ensureSops(): Promise<string> {
  return await ensureGoTool({
    name: "sops",
    package: "github.com/getsops/sops/v3/cmd/sops",
    version: "v3.13.3",
    go: "1.26",
  });
}

/** The directory of `age` and `age-keygen`, made on first use. */
async function ensureAge(): Promise<string> {
  return await ensureMade({ name: "age", version: ageVersion, go: "1.26" }, async (fresh) => {
    const commands = ["age", "age-keygen"].map((each) => `filippo.io/age/cmd/${each}@${ageVersion}`);
    const env = { ...process.env, GOBIN: fresh };
    await run("go", ["install", "-ldflags", "-s -w", ...commands], { env, maxBuffer: 64 * 1024 ** 2 });
  });
}

/** The tool that makes SealedSecrets, made on first use in about three minutes. */
export async function ensureKubeseal(): Promise<string> {
  return await ensureGoTool({
    name: "kubeseal",
    package: "github.com/bitnami-labs/sealed-secrets/cmd/kubeseal",
    version: "v0.27.1",
    go: "1.26",
  });
}

/** The age programs by name. */
export async function ageProgram(name: "age" | "age-keygen"): Promise<string> {
  return join(await ensureAge(), name);
}

/** All of them. */
export async function ensureCiphertextTools(): Promise<void> {
  await ensureAge();
  await ensureSops();
  await ensureKubeseal();
}
