import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { startNode, type TestNode } from "./node.ts";

let node: TestNode;

const configOf = (directory: string, namespaces: string) =>
  `profiles: { files: { kind: file, directory: "${directory}/secrets", namespaces: ${namespaces} } }`;

beforeAll(async () => {
  node = await startNode({ config: (directory) => configOf(directory, "[bank]") });
  await mkdir(join(node.directory, "secrets"));
  await writeFile(join(node.directory, "secrets/db"), "text");
});

afterAll(() => node?.stop());

const parameters = { stores: "f: { profile: files }", secrets: "- { store: f, name: db, files: [{ path: f }] }" };

/** As a ConfigMap is replaced: at once. */
async function replaceConfig(text: string): Promise<void> {
  const next = join(node.directory, "config.new");
  await writeFile(next, text);
  await rename(next, join(node.directory, "config.yaml"));
}

async function untilLogged(message: string, times: number): Promise<void> {
  while (node.log.filter(({ msg }) => msg === message).length < times) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

it("profiles count as the config file has them now, and a broken file leaves the last good ones in force", async () => {
  const mount = () => node.publish({ provider: "latchkey", parameters });
  expect((await node.publishError({ provider: "latchkey", parameters })).message).toContain("LK0021");
  await replaceConfig(configOf(node.directory, '["sh*"]'));
  await untilLogged("profiles read again", 1);
  expect(await readFile(join((await mount()).target, "f"), "utf8")).toBe("text");
  const unusable = "the changed config file cannot be used: its last good profiles stay in force";
  await replaceConfig("profiles: { files: { kind: nothing } }");
  await untilLogged(unusable, 1);
  expect(node.log.find(({ msg }) => msg === unusable)).toMatchObject({
    cause: expect.stringContaining('profiles.files.kind: "nothing" is not a kind of store'),
  });
  await mount();
  await replaceConfig(configOf(node.directory, "[bank]"));
  await untilLogged("profiles read again", 2);
  const published = await node.publish({ provider: "latchkey", parameters, volume: "again" }).catch((error) => error);
  expect(String(published.message)).toContain("LK0021");
});
