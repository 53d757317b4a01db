import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import type { StoreHarness } from "../contract.ts";

/** A directory with two secrets and one that only root may read. */
export async function start(): Promise<StoreHarness> {
  const root = await mkdtemp(join(tmpdir(), "latchkey-files-"));
  const directory = join(root, "shop", "web");
  await mkdir(directory, { recursive: true });
  await chmodAll(root);
  const secrets = [
    { ref: { name: "db.json" }, text: '{"password":"CANARY-file-1"}' },
    { ref: { name: "plain" }, text: "CANARY-file-2\n" },
  ];
  for (const { ref, text } of secrets) await writeFile(join(directory, ref.name), text);
  await writeFile(join(directory, "locked"), "CANARY-file-3", { mode: 0o000 });
  await mkdir(join(directory, "closed"), { mode: 0o000 });
  return {
    host: { addresses: createAddressPolicy([]), concurrency: 4 },
    settings: { author: "operator", raw: { directory: `${root}/{namespace}/{serviceAccount}` } },
    identity: { namespace: "shop", serviceAccount: "web", proved: true, tokens: new Map() },
    found: new Map(),
    secrets,
    rotate: async () => {
      await writeFile(join(directory, "db.json"), '{"password":"CANARY-file-4"}');
      secrets[0] = { ref: { name: "db.json" }, text: '{"password":"CANARY-file-4"}' };
      return '{"password":"CANARY-file-4"}';
    },
    absent: { name: "nowhere/at-all" },
    search: {
      query: { prefix: "p" },
      names: ["plain"],
      nothing: { prefix: "nowhere/at-all/" },
      impossible: { prefix: "../", tags: { team: "shop" } },
      denied: { query: { prefix: "closed/" }, during: withoutRoot },
    },
    denied: { ref: { name: "locked" }, during: withoutRoot },
    versioned: false,
    canaries: ["CANARY"],
    stop: () => rm(root, { recursive: true }),
  };
}

async function chmodAll(root: string): Promise<void> {
  for (const path of [root, join(root, "shop"), join(root, "shop", "web")]) await chmod(path, 0o755);
}

/** Root may read everything, so it steps back for a moment. */
export async function withoutRoot<T>(run: () => Promise<T>): Promise<T> {
  if (process.geteuid?.() !== 0) return run();
  process.seteuid?.(65_534);
  try {
    return await run();
  } finally {
    process.seteuid?.(0);
  }
}
