import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import type { StoreHarness } from "../contract.ts";
import { withoutRoot } from "../file/harness.ts";
import { makeAgePair } from "./age.ts";
import { openSopsTool } from "./tool.ts";

/** A directory of documents of the real tool, one of them for root alone. */
export async function start(): Promise<StoreHarness> {
  const root = await mkdtemp(join(tmpdir(), "latchkey-sops-"));
  const pair = await makeAgePair();
  const tool = await openSopsTool(pair.file);
  const directory = join(root, "shop");
  await mkdir(join(directory, "closed"), { recursive: true });
  for (const open of [root, directory]) await chmod(open, 0o755);
  const keys = join(root, "shop.txt");
  await writeFile(keys, pair.file, { mode: 0o644 });
  const write = async (name: string, plain: string, mode = 0o644) => {
    const type = name.endsWith(".json") ? "json" : "binary";
    const sealed = await tool.encrypt(plain, type, ["--age", pair.recipient, "--filename-override", name]);
    await writeFile(join(directory, name), sealed, { mode });
  };
  const secrets = [
    { ref: { name: "db.json" }, text: '{"password":"CANARY-sops-1"}' },
    { ref: { name: "plain" }, text: "CANARY-sops-2\n" },
  ];
  for (const { ref, text } of secrets) await write(ref.name, text);
  await write("locked", "CANARY-sops-3", 0o000);
  await chmod(join(directory, "closed"), 0o000);
  return {
    host: { addresses: createAddressPolicy([]), concurrency: 4 },
    settings: {
      author: "operator",
      raw: { directory: `${root}/{namespace}`, ageKeyFiles: `${root}/{namespace}.txt` },
    },
    identity: { namespace: "shop", serviceAccount: "web", proved: true, tokens: new Map() },
    found: new Map(),
    secrets,
    rotate: async () => {
      const text = '{"password":"CANARY-sops-4"}';
      await write("db.json", text);
      secrets[0] = { ref: { name: "db.json" }, text };
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
    canaries: ["CANARY", pair.identity],
    stop: async () => {
      await tool.stop();
      await rm(root, { recursive: true });
    },
  };
}
