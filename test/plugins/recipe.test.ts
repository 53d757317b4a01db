import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { createTokenIssuer } from "../tokens.ts";
import { type CopiedProgram, copyProgram } from "./copied-program.ts";

let program: CopiedProgram;
let token: string;

beforeAll(async () => {
  program = await copyProgram();
  const issuer = await createTokenIssuer();
  const who = { namespace: "shop", serviceAccount: "web", audience: "shelves" };
  token = await program.write("token", await issuer.token(who));
});

afterAll(() => program?.remove());

/** The file of a SecretProviderClass. */
async function write(provider: string, parameters: Readonly<Record<string, string>>): Promise<string> {
  const metadata = { name: "web", namespace: "shop" };
  const head = { apiVersion: "secrets-store.csi.x-k8s.io/v1", kind: "SecretProviderClass", metadata };
  return await program.write(`${provider}.yaml`, JSON.stringify({ ...head, spec: { provider, parameters } }));
}

const pod = ["--namespace", "shop", "--service-account", "web"];
const seven = Array.from({ length: 7 }, (_, at) => `- { item: s${at} }\n`).join("");

async function mount(name: string, file: string, ...more: readonly string[]) {
  const target = join(program.directory, name);
  const flags = ["--target", target, "--token", `shelves=${token}`, "--version-key", "ephemeral"];
  const answer = await program.run(["mount", file, ...pod, ...flags.slice(0, 4), ...more]);
  expect([answer.stderr, answer.code]).toEqual(["", 0]);
  return { target, shown: answer.stdout };
}

describe("a store and a dialect that are added by their folders and a line each", () => {
  it("are linted, with cures for words that are misspelt or in the wrong class", async () => {
    const file = await write("shelves", { room: "cellar", items: "- { itm: a }", flavour: "x" });
    const { stdout, code } = await program.run(["lint", file]);
    expect(code).toBe(1);
    expect(stdout).toContain('did you mean "item"?');
    const native = await write("latchkey", { items: "x", secrets: "[]" });
    expect((await program.run(["lint", native])).stdout).toContain("it is a parameter of provider shelves");
  });

  it("are in the schema, and on the page of parameters", async () => {
    const own = JSON.parse((await program.run(["schema", "--dialect", "shelves"])).stdout);
    const parameters = own.properties.spec.properties.parameters.properties;
    expect(Object.keys(parameters)).toEqual(["items", "room", "notBefore", "spread", "canary", "canaryHold"]);
    const all = (await program.run(["schema"])).stdout;
    for (const words of [
      '"const":"shelf"',
      "Room of the shelf.",
      "How deep it lies.",
      "Colour that secrets must have.",
    ])
      expect(JSON.stringify(JSON.parse(all))).toContain(words);
  });

  it("are planned, with the operator's defaults and the calls that reading takes", async () => {
    const file = await write("shelves", { items: seven });
    const flags = [...pod, "--format", "json", "--shelves-usual", "attic"];
    const { stdout, stderr } = await program.run(["plan", file, ...flags]);
    expect(stderr).toBe("");
    const { sessions, tokenRequests } = JSON.parse(stdout);
    expect(tokenRequests).toEqual([{ audience: "shelves" }]);
    expect(sessions).toMatchObject([{ stores: ["shelf"], settings: { room: "attic" }, calls: { login: 1, read: 2 } }]);
  });

  it("are mounted, with versions under an id of their own", async () => {
    const { target, shown } = await mount("own", await write("shelves", { room: "cellar", items: "- { item: a }" }));
    expect(await readFile(join(target, "a"), "utf8")).toBe('{"room":"cellar","name":"a"}');
    expect(shown).toContain("a  0644");
  });

  it("are converted to the native form, which makes the same files", async () => {
    const file = await write("shelves", { room: "cellar", items: "- { item: a, file: b }" });
    const { stdout } = await program.run(["convert", file]);
    expect(parse(parse(stdout).spec.parameters.stores)).toEqual({ shelf: { kind: "shelf", room: "cellar" } });
    const native = await program.write("converted.yaml", stdout);
    expect((await program.run(["lint", native])).code).toBe(0);
    const { target } = await mount("native", native);
    expect(await readFile(join(target, "b"), "utf8")).toBe('{"room":"cellar","name":"a"}');
  });

  it("can be searched by what their names do not begin with", async () => {
    const file = await write("latchkey", {
      stores: "x: { kind: shelf, room: cellar }",
      secrets: "- { store: x, find: { colour: red }, expand: {} }",
    });
    const { target } = await mount("found", file);
    expect(await readFile(join(target, "red/1"), "utf8")).toBe('{"room":"cellar","name":"red-1"}');
  });

  it("can be a profile, which is judged by the store's own schema", async () => {
    const parameters = { stores: "x: { profile: p }", secrets: "- { store: x, name: a, files: [{ path: a }] }" };
    const file = await write("latchkey", parameters);
    const good = await program.write("good.yaml", "profiles: { p: { kind: shelf, room: cellar } }");
    const { target } = await mount("profile", file, "--config", good);
    expect(await readFile(join(target, "a"), "utf8")).toBe('{"room":"cellar","name":"a"}');
    const bad = await program.write("bad.yaml", "profiles: { p: { kind: shelf, room: 7th } }");
    const args = ["--version-key", "ephemeral", "--providers", "shelves"];
    const { stderr, code } = await program.run(["serve", ...args, "--config", bad]);
    expect([stderr, code]).toEqual(["latchkey: profiles.p.room: must be small letters\n", 2]);
  });

  it("bring their options, and answers for the flags of the provider that they take the place of", async () => {
    expect((await program.run(["serve", "--help"])).stdout).toContain("--shelf-room <text>");
    expect((await program.run(["plan", "--help"])).stdout).toContain("--shelves-usual <text>");
    const wrong = await program.run(["serve", "--version-key", "ephemeral", "--shelf-room", "7th"]);
    expect([wrong.stderr, wrong.code]).toEqual(['latchkey: --shelf-room: "7th" must be small letters\n', 2]);
    expect((await program.run(["serve", "--dust"])).stderr).toContain(
      "--dust (of the Shelves provider): leave it out: nothing gathers dust here",
    );
  });
});
