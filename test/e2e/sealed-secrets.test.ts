import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { run } from "../cli/run.ts";
import { filesBelow } from "../driver/atomic-writer.ts";
import { openSealingTool, type PlainSecret, type SealingTool } from "../stores/sealed-secrets/tool.ts";
import { startNode, type TestNode } from "./node.ts";

let tool: SealingTool;
let older: SealingTool;
let node: TestNode;

beforeAll(async () => {
  [tool, older] = await Promise.all([openSealingTool(), openSealingTool()]);
  node = await startNode({
    flags: async (directory) => {
      const keys = join(directory, "keys");
      await mkdir(join(keys, "new"), { recursive: true });
      await writeFile(join(keys, "new/tls.key"), tool.key);
      await writeFile(join(keys, "backup.yaml"), backupOf(older.key));
      await mkdir(join(directory, "sealed/shop"), { recursive: true });
      return { sealedSecretsKeys: keys };
    },
    config: (directory) =>
      `profiles: { git: { kind: sealed-secrets, directory: "${join(directory, "sealed")}/{namespace}" } }`,
  });
});

afterAll(async () => {
  await node?.stop();
  await Promise.all([tool?.stop(), older?.stop()]);
});

/** As `kubectl get secret -o yaml` gives the controller's keys. */
function backupOf(key: string): string {
  return `apiVersion: v1\nkind: List\nitems:\n  - kind: Secret\n    data:\n      tls.key: ${Buffer.from(key).toString("base64")}\n`;
}

const data = { password: "CANARY-p@ss", "tls.key": "CANARY-multi\nline\n", blob: Buffer.from([0, 255, 254, 10]) };

async function sealed(more: Partial<PlainSecret> = {}, by = tool) {
  return await by.seal({ name: "db", namespace: "shop", data, ...more });
}

interface Manifest {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly encryptedData: Readonly<Record<string, string>> };
}

/** The class's text for a SealedSecret; `more` is changed in it. */
function secretsOf(manifest: string, more: Readonly<Record<string, unknown>> = {}): string {
  const { metadata, spec } = parse(manifest) as Manifest;
  const files = [{ path: "p", key: "password" }];
  const secret = {
    store: "s",
    name: metadata.name,
    encryptedData: spec.encryptedData,
    files,
    expand: { path: "all/" },
  };
  return JSON.stringify([{ ...secret, ...more }]);
}

const request = (volume: string, secrets: string, pod: Readonly<Record<string, string>> = {}) => ({
  ...{ provider: "latchkey", volume, audiences: ["x"], pod },
  parameters: { stores: "s: { kind: sealed-secrets }", secrets },
});

async function filesOf(target: string) {
  const paths = await filesBelow(join(target, "..data"));
  const bytes = paths.map(async (path) => [path, await readFile(join(target, path), "latin1")] as const);
  return Object.fromEntries(await Promise.all(bytes));
}

const bytesOf = (prefix: string) =>
  Object.fromEntries(
    Object.entries(data).map(([key, value]) => [`${prefix}${key}`, Buffer.from(value).toString("latin1")]),
  );

describe("a SealedSecret of the real tool", () => {
  it.each(["strict", "namespace-wide", "cluster-wide"] as const)("is opened in the scope %s", async (scope) => {
    const secrets = secretsOf(await sealed({ scope }), { scope });
    const { target } = await node.publish(request(`open-${scope}`, secrets));
    expect(await filesOf(target)).toEqual({ p: "CANARY-p@ss", ...bytesOf("all/") });
  });

  it("is opened by a key that was renewed since, from a backup", async () => {
    const { target } = await node.publish(request("older", secretsOf(await sealed({}, older))));
    expect(await readFile(join(target, "p"), "utf8")).toBe("CANARY-p@ss");
  });

  it.each([
    ["another namespace, strict", "strict", {}, { namespace: "other" }],
    ["another namespace, namespace-wide", "namespace-wide", {}, { namespace: "other" }],
    ["another name, strict", "strict", { name: "elsewhere" }, {}],
    ["a scope that it is not sealed in", "strict", { scope: "cluster-wide" }, {}],
  ] as const)("is refused for %s", async (what, scope, more, pod) => {
    const secrets = secretsOf(await sealed({ scope }), { scope, ...more });
    const error = await node.publishError(request(`no-${what.replaceAll(/\W/g, "")}`, secrets, pod));
    expect([error.code, error.message]).toEqual(["PERMISSION_DENIED", expect.stringContaining("LK0033")]);
    expect(error.message).not.toContain("CANARY");
  });

  it("is opened from any namespace and by any name where its scope says so", async () => {
    const scope = "cluster-wide";
    const secrets = secretsOf(await sealed({ scope }), { scope, name: "elsewhere" });
    const { target } = await node.publish(request("wide", secrets, { namespace: "other" }));
    expect(await readFile(join(target, "p"), "utf8")).toBe("CANARY-p@ss");
    const own = secretsOf(await sealed({ scope: "namespace-wide" }), { scope: "namespace-wide", name: "elsewhere" });
    const named = await node.publish(request("named", own));
    expect(await readFile(join(named.target, "p"), "utf8")).toBe("CANARY-p@ss");
  });

  it("is refused where it was changed, or is for nobody's key", async () => {
    const { spec } = parse(await sealed()) as Manifest;
    const bytes = Buffer.from(spec.encryptedData.password ?? "", "base64");
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    const encryptedData = { password: bytes.toString("base64") };
    const changed = await node.publishError(request("changed", secretsOf(await sealed(), { encryptedData })));
    expect(changed.message).toContain("LK0047");
    const stranger = await openSealingTool();
    const foreign = await node.publishError(request("foreign", secretsOf(await sealed({}, stranger))));
    await stranger.stop();
    expect(foreign.message).toContain("none of the 2 keys");
    const plain = await node.publishError(
      request("plain", secretsOf(await sealed(), { encryptedData: { a: "pla!n" } })),
    );
    expect(plain.message).toContain("is not encrypted by kubeseal");
  });
});

describe("a directory of SealedSecrets", () => {
  it("is read by file, for the namespace of the manifest alone", async () => {
    const directory = join(node.directory, "sealed/shop");
    await writeFile(join(directory, "db.yaml"), await sealed());
    await writeFile(join(directory, "other.yaml"), await sealed({ namespace: "other" }));
    const mount = (volume: string, name: string) => ({
      ...request(volume, `- { store: s, name: ${name}, files: [{ path: p, key: password }] }`),
      parameters: {
        stores: "s: { profile: git }",
        secrets: `- { store: s, name: ${name}, files: [{ path: p, key: password }] }`,
      },
    });
    const { target } = await node.publish(mount("file", "db.yaml"));
    expect(await readFile(join(target, "p"), "utf8")).toBe("CANARY-p@ss");
    const error = await node.publishError(mount("file-other", "other.yaml"));
    expect(error.message).toContain("LK0033");
  });
});

describe("latchkey convert", () => {
  it("turns SealedSecrets into classes that mount the same bytes", async () => {
    const file = join(node.directory, "sealed.yaml");
    const tls = {
      name: "web-tls",
      type: "kubernetes.io/tls",
      data: { "tls.crt": "CANARY-crt", "tls.key": "CANARY-key" },
    };
    await writeFile(file, [await sealed(), await sealed({ ...tls, scope: "namespace-wide" })].join("---\n"));
    const { code, stdout, stderr } = await run(["convert", file]);
    expect(code).toBe(0);
    expect(stderr).toContain("kubernetes.io/tls");
    const [first, second] = parseAllDocuments(stdout).map((each) => each.toJS());
    expect([first.metadata, second.metadata]).toEqual([
      { name: "db", namespace: "shop" },
      { name: "web-tls", namespace: "shop" },
    ]);
    const published = await node.publish({ ...request("converted", ""), parameters: first.spec.parameters });
    expect(await filesOf(published.target)).toEqual(bytesOf(""));
    const other = await node.publish({ ...request("converted2", ""), parameters: second.spec.parameters });
    expect(await filesOf(other.target)).toEqual(tls.data);
  });
});
