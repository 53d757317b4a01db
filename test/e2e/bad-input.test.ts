import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startNode, type TestNode } from "./node.ts";

let node: TestNode;

const stores = "files: { profile: demo }";

beforeAll(async () => {
  node = await startNode({
    config: (directory) => `profiles: { demo: { kind: file, directory: ${directory}/secrets } }`,
  });
  const secrets = join(node.directory, "secrets");
  await mkdir(secrets);
  await writeFile(join(secrets, "large"), Buffer.alloc(5 * 1024 ** 2));
  await writeFile(join(secrets, "huge"), Buffer.alloc(9 * 1024 ** 2));
  await writeFile(join(secrets, "warned"), Buffer.alloc(1024 ** 2 + 1));
  await writeFile(join(secrets, "proto.json"), '{"__proto__":"p","constructor":"c","toString":{"a":1}}');
  await writeFile(join(secrets, "cut.json"), '{"a":"hunter2');
  await writeFile(join(secrets, "deep.json"), "[".repeat(20_000) + "]".repeat(20_000));
  await writeFile(join(node.directory, "outside"), "hunter2");
});

afterAll(async () => {
  await node?.stop();
});

async function mount(secrets: string, volume: string) {
  return await node.publish({ provider: "latchkey", parameters: { stores, secrets }, volume });
}

describe("bad input", () => {
  const bombs = `a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]`;
  const cases: readonly [string, string, string, string][] = [
    [
      "a secret larger than a reply",
      "- { store: files, name: large, files: [{ path: a }] }",
      "FAILED_PRECONDITION",
      "LK0005",
    ],
    [
      "a secret larger than is read",
      "- { store: files, name: huge, files: [{ path: a }] }",
      "FAILED_PRECONDITION",
      "LK0038",
    ],
    [
      "a path that climbs out of the volume",
      '- { store: files, name: proto.json, files: [{ path: "../a" }] }',
      "INVALID_ARGUMENT",
      "LK0003",
    ],
    [
      "a path that the driver keeps",
      '- { store: files, name: proto.json, files: [{ path: "..data" }] }',
      "INVALID_ARGUMENT",
      "LK0003",
    ],
    [
      "a name that climbs out of the store",
      '- { store: files, name: "../outside", files: [{ path: a }] }',
      "INVALID_ARGUMENT",
      "LK00",
    ],
    [
      "a secret that is no JSON",
      "- { store: files, name: cut.json, files: [{ path: a, key: a }] }",
      "INVALID_ARGUMENT",
      "LK0040",
    ],
    [
      "a secret of 20,000 nested brackets",
      "- { store: files, name: deep.json, files: [{ path: a, key: a }] }",
      "INVALID_ARGUMENT",
      "LK0040",
    ],
    ["YAML of 20,000 nested brackets", "[".repeat(20_000), "INVALID_ARGUMENT", "LK0003"],
    ["a YAML bomb", bombs, "INVALID_ARGUMENT", "LK0003"],
    ["a wrong type", "- { store: files, name: [1], files: 7 }", "INVALID_ARGUMENT", "LK0003"],
    ["an unknown key", "- { store: files, name: a, fils: [] }", "INVALID_ARGUMENT", "LK0003"],
    ["a missing secret", "- { store: files, name: nothing, files: [{ path: a }] }", "NOT_FOUND", "LK0034"],
    [
      "a missing key",
      "- { store: files, name: proto.json, files: [{ path: a, key: hasOwnProperty }] }",
      "NOT_FOUND",
      "LK0035",
    ],
  ];
  it.each(cases)("%s gets a final status with id and cause, and no value", async (name, secrets, code, id) => {
    const error = await node.publishError({
      provider: "latchkey",
      parameters: { stores, secrets },
      volume: name.replaceAll(" ", "-").slice(0, 60),
    });
    expect([error.code, error.uncertain]).toEqual([code, false]);
    expect(error.message).toContain(id);
    expect(error.message).not.toContain("hunter2");
    expect(error.message.length).toBeLessThan(9_000);
  });

  const everything: readonly [string, Record<string, string>, readonly string[]][] = [
    [
      "latchkey",
      { stores, secrets: "- { store: files, name: x, files: [{ path: ../x }, { path: y, kee: b }] }" },
      ["secrets[0].files[0].path", "kee"],
    ],
    [
      "vault",
      {
        roleName: "r",
        vaultAddress: "http://192.0.2.1",
        objects: "- { objectName: ../d, secretPath: a }\n- { objectName: e, secretPath: a, method: P T }",
      },
      ["../d", "method"],
    ],
    [
      "aws",
      {
        region: "eu-west-1",
        objects:
          '- { objectName: a, objectType: secretsmanager, objectAlias: "..data" }\n- { objectName: b, objectType: secretsmanager, filePermission: "9" }',
      },
      ["..data", "invalid file permission"],
    ],
  ];
  it.each(everything)(
    "of several kinds in one %s SecretProviderClass is told at once",
    async (provider, parameters, told) => {
      const { message } = await node.publishError({ provider, parameters, volume: `all-${provider}` });
      for (const part of told) expect(message).toContain(part);
    },
  );

  it("a request of 33 MiB gets a final status", async () => {
    const attributes = " ".repeat(33 * 1024 ** 2);
    await expect(
      node.driver.mount("latchkey", { attributes, permission: "420", target_path: "/t" }),
    ).rejects.toMatchObject({
      code: 3,
      details: expect.stringContaining("LK0002: attributes is longer than 8388608 characters"),
    });
  });

  it("keys called __proto__ and constructor are keys like others", async () => {
    const files = "[{ path: p, key: __proto__ }, { path: c, key: constructor }, { path: t, key: toString }]";
    const { podStatus } = await mount(`- { store: files, name: proto.json, files: ${files} }`, "proto");
    expect(podStatus.status.objects.map(({ id }) => id)).toEqual(["c", "p", "t"]);
  });

  it("a reply above 1 MiB is delivered with a warning", async () => {
    await mount("- { store: files, name: warned, files: [{ path: a }] }", "warned");
    expect(node.log.filter(({ level }) => level === "warn").at(-1)).toMatchObject({
      msg: "reply above 1 MiB: the driver warns, and sync to a Kubernetes Secret fails",
    });
  });

  it("an SPC without secrets mounts an empty volume", async () => {
    const { podStatus, writtenBy } = await mount("[]", "empty");
    expect([podStatus.status.objects, writtenBy]).toEqual([[{ id: "latchkey", version: "empty" }], "driver"]);
  });
});
