import { execFileSync } from "node:child_process";
import { chmod, mkdir, mkdtemp, rename, rm, symlink, truncate, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import { createFileStore } from "../../../src/stores/file/index.ts";
import { type Outcome, outcomesOf } from "../outcomes.ts";
import { withoutRoot } from "./harness.ts";

const store = createFileStore({ addresses: createAddressPolicy([]), concurrency: 4 });
let root: string;
let outside: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), "latchkey-root-"));
  outside = await mkdtemp(join(tmpdir(), "latchkey-outside-"));
  await writeFile(join(outside, "secret"), "CANARY-outside");
});

afterAll(async () => {
  await rm(root, { recursive: true });
  await rm(outside, { recursive: true });
});

async function read(
  name: string,
  directory = root,
  who: { namespace?: string; serviceAccount?: string } = {},
): Promise<Outcome> {
  const identity = { namespace: "shop", serviceAccount: "web", proved: true, tokens: new Map(), ...who };
  const context = { signal: AbortSignal.timeout(2000), count: () => undefined };
  const session = await store.open({ identity, settings: { directory }, found: new Map(), context });
  const [outcome] = await outcomesOf(session, [{ name }], context);
  return outcome ?? expect.unreachable();
}

/** The text that is read, or the error's id. */
async function result(...args: Parameters<typeof read>): Promise<string> {
  const outcome = await read(...args);
  if (outcome.ok) return Buffer.from(outcome.secret.value.reveal()).toString("utf8");
  expect(inspect(outcome.error, { depth: 9 })).not.toContain("CANARY");
  return outcome.error.id;
}

describe("a file", () => {
  const contents: readonly [name: string, content: string | Uint8Array, text: string][] = [
    ["plain", "line\n", "line\n"],
    ["empty", "", ""],
    ["a.json", '{ "b": 1.50,\n "a": "<" }', '{ "b": 1.50,\n "a": "<" }'],
    ["broken.json", "{", "{"],
    ["a.yaml", "b: 1.50\na: <\n", '{"a":"\\u003c","b":1.50}'],
    [
      "b.yml",
      "a: &x {c: yes, d: ~, e: true}\nf: *x\n",
      '{"a":{"c":"yes","d":null,"e":true},"f":{"c":"yes","d":null,"e":true}}',
    ],
    [
      "numbers.yaml",
      "[0600, 12345678901234567890, 1e3, 0x1F, '1', 1_000]",
      '[384,12345678901234567890,1e3,31,"1",1000]',
    ],
    ["keys.yaml", "__proto__: 1\nconstructor: 2\n1: x", '{"1":"x","__proto__":1,"constructor":2}'],
    ["bytes", new Uint8Array([0xc3, 0xa9]), "é"],
  ];
  for (const [name, content, text] of contents) {
    test(`${name} is read as it should be`, async () => {
      await writeFile(join(root, name), content);
      expect(await result(name)).toBe(text);
    });
  }

  const badYaml: readonly [what: string, text: string][] = [
    ["no YAML", "a: [CANARY"],
    ["a key twice", "a: CANARY\na: 2"],
    ["a number that JSON lacks", "a: .inf"],
    [
      "an alias bomb",
      `a: &a [x,x,x,x,x,x,x,x,x,x]\n${"bcdefgh"
        .split("")
        .map((n, i) => `${n}: &${n} [${Array(10).fill(`*${"abcdefgh"[i]}`)}]`)
        .join("\n")}`,
    ],
    ["20,000 brackets", "[".repeat(20_000)],
    ["too much", `a: ${"x".repeat(200_000)}`],
  ];
  for (const [what, text] of badYaml) {
    test(`of YAML with ${what} gives LK0040 and quotes nothing`, async () => {
      await writeFile(join(root, "bad.yaml"), text);
      expect(await result("bad.yaml")).toBe("LK0040");
    });
  }

  const names: readonly [name: string, id: string][] = [
    ["nowhere", "LK0034"],
    ["plain/below", "LK0034"],
    ["", "LK0037"],
    [".", "LK0037"],
    ["..", "LK0037"],
    ["../x", "LK0037"],
    ["a/../../x", "LK0037"],
    ["a/..", "LK0037"],
    ["/etc/passwd", "LK0037"],
    ["a//b", "LK0037"],
    ["a/", "LK0037"],
    ["a\0b", "LK0037"],
    ["x".repeat(300), "LK0037"],
    ["x/".repeat(3000), "LK0037"],
  ];
  for (const [name, id] of names) {
    test(`named ${JSON.stringify(name.slice(0, 40))} gives ${id}`, async () => {
      await writeFile(join(root, "plain"), "x");
      expect(await result(name)).toBe(id);
      if (id === "LK0037" && name.length < 300) expect(store.ref.safeParse({ name }).success).toBe(false);
    });
  }

  test("that is not a regular file is refused, and nothing hangs", async () => {
    execFileSync("sh", ["-c", 'mkfifo "$0"', join(root, "fifo")]);
    await mkdir(join(root, "directory"));
    await symlink("/dev/zero", join(root, "zero"));
    const server = createServer().listen(join(root, "socket"));
    expect(await Promise.all(["fifo", "directory", "zero", "socket"].map((name) => result(name)))).toEqual(
      Array(4).fill("LK0037"),
    );
    server.close();
  });

  test("over 8 MiB is refused with the size", async () => {
    await writeFile(join(root, "large"), "");
    await truncate(join(root, "large"), 8 * 1024 * 1024);
    expect((await read("large")).ok).toBe(true);
    await truncate(join(root, "large"), 8 * 1024 * 1024 + 1);
    expect(await result("large")).toBe("LK0038");
  });

  test("that Latchkey may not read is denied", async () => {
    await chmod(root, 0o755);
    await writeFile(join(root, "locked"), "CANARY", { mode: 0o000 });
    expect(await withoutRoot(() => result("locked"))).toBe("LK0033");
  });
});

describe("files that are asked for one by one", () => {
  test("are read under one bound for the session", async () => {
    await writeFile(join(root, "bounded"), "x");
    let started = 0;
    const context = { signal: AbortSignal.timeout(2000), count: () => (started += 1) };
    const identity = { namespace: "shop", serviceAccount: "web", proved: true, tokens: new Map() };
    const session = await store.open({ identity, settings: { directory: root }, found: new Map(), context });
    const reads = Array.from({ length: 20 }, () => outcomesOf(session, [{ name: "bounded" }], context));
    // Microtasks only: no read can end before the event loop turns.
    for (let turn = 0; turn < 50; turn += 1) await Promise.resolve();
    expect(started).toBe(4);
    await Promise.all(reads);
    expect(started).toBe(20);
  });
});

describe("a symlink", () => {
  test("inside the directory is followed, as Kubernetes' ..data, also when it is swapped", async () => {
    await mkdir(join(root, "..2026_01"));
    await mkdir(join(root, "..2026_02"));
    await writeFile(join(root, "..2026_01", "key"), "one");
    await writeFile(join(root, "..2026_02", "key"), "two");
    await symlink("..2026_01", join(root, "..data"));
    await symlink("..data/key", join(root, "key"));
    expect(await result("key")).toBe("one");
    await symlink("..2026_02", join(root, "..data_tmp"));
    await rename(join(root, "..data_tmp"), join(root, "..data"));
    expect(await result("key")).toBe("two");
  });

  const leading: readonly [what: string, target: () => string, name: string][] = [
    ["to a file outside", () => join(outside, "secret"), "out-1"],
    ["to a directory outside", () => outside, "out-2/secret"],
    ["up and out", () => `../${outside.split("/").at(-1)}/secret`, "out-3"],
    ["to a directory whose name begins alike", () => `${root}-more`, "out-4/secret"],
  ];
  for (const [what, target, name] of leading) {
    test(`${what} is refused`, async () => {
      await mkdir(`${root}-more`, { recursive: true });
      await writeFile(`${root}-more/secret`, "CANARY");
      await symlink(target(), join(root, name.split("/")[0] ?? ""));
      expect(await result(name)).toBe("LK0037");
      await rm(`${root}-more`, { recursive: true });
    });
  }

  test("in a circle is refused", async () => {
    await symlink("circle", join(root, "circle"));
    expect(await result("circle")).toBe("LK0037");
  });

  test("as the directory itself is the operator's word", async () => {
    await symlink(outside, `${root}-link`);
    expect(await result("secret", `${root}-link`)).toBe("CANARY-outside");
    await rm(`${root}-link`);
  });
});

describe("the directory", () => {
  test("holds the pod's namespace and service account", async () => {
    await mkdir(join(root, "shop-web.v1"));
    await writeFile(join(root, "shop-web.v1", "x"), "yes");
    const directory = `${root}/{namespace}-{serviceAccount}`;
    expect(await result("x", directory, { serviceAccount: "web.v1" })).toBe("yes");
    expect(await result("x", directory, { serviceAccount: "other" })).toBe("LK0034");
  });

  test("of an identity may be missing; what the operator named before it may not", async () => {
    const missing: readonly [directory: string, id: string][] = [
      [`${root}/{namespace}/{serviceAccount}`, "LK0034"],
      [`${root}/x-{namespace}`, "LK0034"],
      [`${root}/unmounted/{namespace}`, "LK0030"],
      [`${root}/unmounted`, "LK0030"],
      [join(root, "plain/{namespace}"), "LK0030"],
    ];
    for (const [directory, id] of missing) expect([directory, await result("x", directory)]).toEqual([directory, id]);
  });

  const illegal = ["", "..", ".", "a/b", "../x", "A", "a..b", "-a", "a\0", "x".repeat(254), "a\n"];
  for (const name of illegal) {
    test(`takes no ${JSON.stringify(name.slice(0, 20))} for a name`, async () => {
      const expected = expect.objectContaining({ id: "LK0037" });
      await expect(read("x", `${root}/{serviceAccount}`, { serviceAccount: name })).rejects.toThrow(expected);
      await expect(read("x", `${root}/{namespace}`, { namespace: name })).rejects.toThrow(expected);
    });
  }

  for (const directory of [
    "",
    "relative",
    "/a/../b",
    "/a/{pod}",
    "/a/{}",
    "/a/{namespace",
    "/a/}",
    "/a\0",
    "/{{namespace}}",
  ]) {
    test(`${JSON.stringify(directory)} is refused when the profile is parsed`, () => {
      expect(store.settings("operator").safeParse({ directory }).success).toBe(false);
    });
  }

  test("is the operator's to name: a pod author's settings say so", () => {
    const parsed = store.settings("pod").safeParse({ kind: "file", directory: "/" });
    expect(parsed.error?.issues.map(({ message }) => message)).toEqual([
      "a file store can only be an operator's profile: write { profile: <its name> }",
    ]);
    expect(store.settings("operator").parse({ directory: "/srv/{namespace}" })).toEqual({
      directory: "/srv/{namespace}",
    });
  });
});
