import { ensureClusterParts, ensureCsiDriver, kubernetesVersion } from "../cluster/programs.ts";
import { ensureYamlReader } from "../formats/readers.ts";
import { ensureCiphertextTools } from "./ciphertext-tools.ts";
import { helm } from "./helm.ts";
import { ensurePromtool } from "./promtool.ts";
import { ensureVenv } from "./venv.ts";

// Makes the programs that tests run before the tests start: a compiler on all cores would make them slow.

const programs: readonly (readonly [what: string, make: () => Promise<unknown>])[] = [
  ["OpenBao, moto and PostgreSQL", ensureVenv],
  ["helm", () => helm(["version"])],
  ["promtool", () => ensurePromtool()],
  ["sops, age and kubeseal", ensureCiphertextTools],
  ["a reader of YAML in Go", ensureYamlReader],
  [`kube-apiserver ${kubernetesVersion}, etcd, kube-controller-manager, kubectl`, ensureClusterParts],
  ["Secrets Store CSI driver", ensureCsiDriver],
];

for (const [what, make] of programs) {
  const started = performance.now();
  const late = setTimeout(() => process.stdout.write(`making ${what}: once, takes minutes\n`), 2_000);
  try {
    await make();
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  } finally {
    clearTimeout(late);
  }
  const seconds = Math.round((performance.now() - started) / 1000);
  if (seconds >= 2) process.stdout.write(`made ${what} in ${seconds} s\n`);
}
