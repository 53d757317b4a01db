import { execFile } from "node:child_process";
import {
  access,
  chmod,
  chown,
  constants,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readDocument } from "../docs/documents.ts";
import { createDriver, type Driver } from "../driver.ts";
import { type Child, startChild } from "../servers/child.ts";
import { freePort } from "../servers/free-port.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer, type TokenIssuer } from "../tokens.ts";
import { type Image, layOutImage, user } from "./image.ts";
import { type Container, type Rendered, render } from "./rendered.ts";

const run = promisify(execFile);

let node: string;
let image: Image;
let bao: OpenBao;
let issuer: TokenIssuer;
let chart: Rendered;
let latchkey: Child;
let driver: Driver;
let port: number;

/** A node of a cluster with what the chart mounts; the image is beside it. */
beforeAll(async () => {
  node = await mkdtemp(join(tmpdir(), "lk-node-"));
  await chmod(node, 0o755);
  image = await layOutImage();
  // Known before anything else can fail: what runs is ended then, too.
  bao = await startOpenBao();
  [issuer, port] = await Promise.all([createTokenIssuer(), freePort()]);
  await letEverybodyRead(bao, issuer.publicKeyPem());
  await putKv2(bao, "db", { user: "shop", password: "p1" });
  chart = await render({
    providers: ["latchkey", "vault"],
    admin: { port },
    config: {
      ...{ tokenKeys: at("/etc/tokens/jwks.json"), tokenIssuer: issuer.issuer, allowAddress: "127.0.0.1" },
      // This node's directory need not be on a tmpfs.
      allowDiskCache: true,
    },
    profiles: { files: { kind: "file", directory: at("/secrets") } },
  });
  await fillNode();
  await runInit();
  latchkey = await startLatchkey(chart.container);
  driver = createDriver({ socketDir: at("/var/run/secrets-store-csi-providers") });
}, 600_000);

afterAll(async () => {
  driver?.close();
  await latchkey?.stop();
  await bao?.stop();
  await Promise.all([image?.remove(), rm(node, { recursive: true, force: true })]);
});

function at(path: string): string {
  return join(node, path);
}

/** Files as the kubelet mounts them: root's, readable by the pod's group. */
async function fillNode(): Promise<void> {
  const config = chart.objects.find(({ kind }) => kind === "ConfigMap") as unknown as { data: Record<string, string> };
  const files = new Map<string, string | Uint8Array>([
    ["/etc/latchkey/config/config.yaml", config.data["config.yaml"] ?? ""],
    ["/etc/latchkey/version-key/key", Buffer.alloc(32, "k")],
    ["/etc/tokens/jwks.json", JSON.stringify(issuer.jwks())],
    ["/secrets/stripe", "not-a-real-key"],
  ]);
  for (const [path, content] of files) {
    await mkdir(join(at(path), ".."), { recursive: true });
    await writeFile(at(path), content, { mode: 0o440 });
    await chown(at(path), process.getuid?.() ?? 0, user.gid);
  }
  for (const path of ["/var/run/secrets-store-csi-providers", "/run/latchkey"]) {
    await mkdir(at(path), { recursive: true });
  }
}

/** Paths of the node are below its directory; the address of the pod is this machine's. */
function moved(args: readonly string[]): readonly string[] {
  return args.map((arg) =>
    arg
      .replace(/^(--[a-z-]+=)?(\/(?:etc|var|run)\/.*)$/, (_, flag = "", path: string) => `${flag}${at(path)}`)
      .replace("$(POD_IP)", "127.0.0.1"),
  );
}

/** The steps before the start, those of root with the pod's group. */
async function runInit(): Promise<void> {
  for (const { args, securityContext } of chart.pod.initContainers ?? []) {
    const own = moved(args).map((arg) => arg.replace(/^65532$/, `${user.gid}`));
    const as = securityContext.runAsUser === 0 ? {} : user;
    await run(join(image.directory, "nodejs/bin/node"), ["-e", ...own], as);
  }
}

async function startLatchkey({ args }: Container): Promise<Child> {
  const [command, ...rest] = image.command;
  const env = { ...image.env, NODE_NAME: "node-1" };
  return await startChild({
    name: "latchkey",
    command,
    args: [...rest, ...moved(args)],
    env,
    ready: /"msg":"serving"/,
    ...user,
  });
}

async function publish(provider: string, parameters: Record<string, string>) {
  const pod = { name: "web-0", namespace: "shop", uid: provider, serviceAccount: "payments" };
  const tokens = await issuer.tokens({ ...pod, podName: pod.name, podUid: pod.uid }, ["vault"]);
  return await driver.publish({ provider, parameters, pod, tokens, targetRoot: at("/kubelet") });
}

describe("the image's files", () => {
  it("run on Node 24 as a user that is not root and can write nothing of them", async () => {
    expect(process.version).toMatch(/^v24\./);
    const status = await readFile(`/proc/${latchkey.pid}/status`, "utf8");
    expect(/^Uid:\t(\d+)/m.exec(status)?.[1]).toBe(`${user.uid}`);
    const written = await readdir(image.directory, { recursive: true, withFileTypes: true });
    const own = written.filter(({ parentPath, name }) => !join(parentPath, name).includes("/app/compile-cache"));
    const modes = await Promise.all(own.map(async (entry) => (await stat(join(entry.parentPath, entry.name))).mode));
    expect(modes.filter((mode) => (mode & 0o022) !== 0)).toEqual([]);
  });

  it("hold what was compiled, for a start that compiles nothing", async () => {
    const compiled = await readdir(join(image.directory, "app/compile-cache"), { recursive: true });
    expect(compiled.length).toBeGreaterThan(10);
  });

  it("are ready, answer for their health, and mount secrets of a file, of Vault and of templates", async () => {
    for (const path of ["healthz", "readyz", "metrics"])
      expect((await fetch(`http://127.0.0.1:${port}/${path}`)).status).toBe(200);
    const stores = `files: { profile: files }\nvault: { kind: vault, address: "${bao.address}", role: all }`;
    const secrets = `
- { store: files, name: stripe, files: [{ path: stripe, mode: "0400" }] }
- { store: vault, name: secret/data/db, as: db, files: [{ path: user, key: user }] }`;
    const templates = '- { path: app.env, content: "URL=//{{ db.user }}:{{ db.password }}@db" }';
    const { target } = await publish("latchkey", { stores, secrets, templates });
    const contents = await Promise.all(
      ["stripe", "user", "app.env"].map((name) => readFile(join(target, name), "utf8")),
    );
    expect(contents).toEqual(["not-a-real-key", "shop", "URL=//shop:p1@db"]);
  });

  it("have the program by its name, as kubectl exec runs it", async () => {
    const program = join(image.directory, "usr/local/bin/latchkey");
    expect(await readFile(program, "utf8")).toMatch(/^#!\/nodejs\/bin\/node\n/);
    expect((await stat(program)).mode & 0o777).toBe(0o755);
    const { stdout } = await run(join(image.directory, "nodejs/bin/node"), [program, "--version"], {
      ...user,
      cwd: "/",
    });
    expect(stdout).toBe(`${JSON.parse(await readDocument("package.json")).version}\n`);
  });

  it("leave no memory in core dumps, nor does the process of the templates", async () => {
    const { pid } = latchkey;
    const children = (await readFile(`/proc/${pid}/task/${pid}/children`, "utf8")).trim().split(" ");
    expect(children.length).toBe(1);
    const filters = await Promise.all([pid, ...children].map((id) => readFile(`/proc/${id}/coredump_filter`, "utf8")));
    expect(filters).toEqual(["00000000\n", "00000000\n"]);
  });

  it("mount a SecretProviderClass of Vault's provider", async () => {
    const objects = "- { objectName: p, secretPath: secret/data/db, secretKey: password }";
    const { target } = await publish("vault", { vaultAddress: bao.address, roleName: "all", objects });
    expect(await readFile(join(target, "p"), "utf8")).toBe("p1");
  });

  it("end in order, and leave no socket", async () => {
    await latchkey.stop();
    const left = await readdir(at("/var/run/secrets-store-csi-providers"));
    expect(left).toEqual([]);
  });
});

describe("the image's list of files", () => {
  it("is the same for the same sources", async () => {
    const again = await layOutImage();
    try {
      expect(again.list).toBe(image.list);
    } finally {
      await again.remove();
    }
  }, 120_000);

  it("names the program, the licences and the bill of materials", async () => {
    const names = image.list.split("\n").map((line) => line.slice(66));
    for (const name of ["app/latchkey.mjs", "app/template-worker.mjs", "licenses/LICENSE", "licenses/sbom.cdx.json"]) {
      expect(names).toContain(name);
      await access(join(image.directory, name), constants.R_OK);
    }
  });

  it("has a bill of materials in CycloneDX, of every package and of nothing else", async () => {
    const bom = JSON.parse(await readFile(join(image.directory, "licenses/sbom.cdx.json"), "utf8"));
    expect(bom).toMatchObject({
      bomFormat: "CycloneDX",
      metadata: { component: { name: "latchkey", type: "application" } },
    });
    const page = await readFile(join(import.meta.dirname, "../../docs/dependencies.md"), "utf8");
    const listed = [...page.matchAll(/^\| `([^`]+)` +\| (\S+)/gm)].map(([, name, version]) => `${name}@${version}`);
    const components: readonly { name: string; version: string; licenses?: readonly unknown[] }[] = bom.components;
    expect(new Set(components.map(({ name, version }) => `${name}@${version}`))).toEqual(new Set(listed));
    expect(JSON.stringify(bom)).not.toMatch(/timestamp|serialNumber|https?:\/\/(?!cyclonedx)[^"]*\/-\//);
  });
});
