import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import type { StoreHarness } from "../contract.ts";
import { withoutRoot } from "../file/harness.ts";
import { openSealingTool } from "./tool.ts";

/** A directory of SealedSecrets of the real tool, one of them for root alone. */
export async function start(): Promise<StoreHarness> {
  const root = await mkdtemp(join(tmpdir(), "latchkey-sealed-"));
  const directory = join(root, "shop");
  await mkdir(join(directory, "closed"), { recursive: true });
  const tool = await openSealingTool();
  for (const open of [root, directory]) await chmod(open, 0o755);
  await mkdir(join(root, "keys"));
  await writeFile(join(root, "keys/tls.key"), tool.key, { mode: 0o644 });
  const write = async (name: string, password: string, mode = 0o644) => {
    const sealed = await tool.seal({ name: "db", namespace: "shop", data: { password } });
    await writeFile(join(directory, name), sealed, { mode });
  };
  const secrets = [
    { ref: { name: "db.yaml" }, text: '{"password":"CANARY-sealed-1"}' },
    { ref: { name: "plain" }, text: '{"password":"CANARY-sealed-2"}' },
  ];
  await write("db.yaml", "CANARY-sealed-1");
  await write("plain", "CANARY-sealed-2");
  await write("locked", "CANARY-sealed-3", 0o000);
  await chmod(join(directory, "closed"), 0o000);
  return {
    host: { addresses: createAddressPolicy([]), concurrency: 4 },
    settings: { author: "operator", raw: { directory: `${root}/{namespace}`, keys: `${root}/keys` } },
    identity: { namespace: "shop", serviceAccount: "web", proved: true, tokens: new Map() },
    found: new Map(),
    secrets,
    rotate: async () => {
      await write("db.yaml", "CANARY-sealed-4");
      const text = '{"password":"CANARY-sealed-4"}';
      secrets[0] = { ref: { name: "db.yaml" }, text };
      return text;
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
    stop: async () => {
      await tool.stop();
      await rm(root, { recursive: true });
    },
  };
}
