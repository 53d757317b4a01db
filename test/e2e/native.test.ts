import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { filesBelow } from "../driver/atomic-writer.ts";
import { type OpenBao, startOpenBao } from "../servers/openbao.ts";
import { letEverybodyRead, putKv2 } from "../servers/openbao-setup.ts";
import { createTokenIssuer } from "../tokens.ts";
import { startNode, type TestNode } from "./node.ts";

let server: OpenBao;
let node: TestNode;
let stores: string;

beforeAll(async () => {
  const issuer = await createTokenIssuer();
  server = await startOpenBao();
  await letEverybodyRead(server, issuer.publicKeyPem());
  await putKv2(server, "db", { username: "svc", password: "p@ss w/ord", port: 5432, tls: { mode: "full", depth: 2 } });
  await putKv2(server, "bundle", { pem: bundle, blob: "_-8", user: "x" });
  await putKv2(server, "many", { "tls.crt": "c", "tls.key": "k", note: "n" });
  node = await startNode({ issuer, flags: { allowAddress: "127.0.0.1", refresh: "0s", maxStale: "0s" } });
  stores = `vault: { kind: vault, address: "${server.address}", role: all }`;
});

const block = (label: string, body: string) => `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
const bundle = [block("CERTIFICATE", "b25l"), block("CERTIFICATE", "dHdv"), block("PRIVATE KEY", "a2V5")].join("");

afterAll(async () => {
  await node?.stop();
  await server?.stop();
});

const audiences = ["vault"];

/** The content of a volume without files. */
const nothing = { ".latchkey-empty": "The SecretProviderClass of this volume makes no files now.\n" };

async function mount(volume: string, secrets: string, templates?: string) {
  const parameters = { stores, secrets, ...(templates === undefined ? {} : { templates }) };
  const published = await node.publish({ provider: "latchkey", parameters, audiences, volume });
  const paths = await filesBelow(join(published.target, "..data"));
  const texts = paths.map(async (path) => [path, await readFile(join(published.target, path), "latin1")] as const);
  return { ...published, files: Object.fromEntries(await Promise.all(texts)) };
}

async function problem(secrets: string, templates?: string) {
  const parameters = { stores, secrets, ...(templates === undefined ? {} : { templates }) };
  const volume = `wrong-${secrets.length}-${templates?.length ?? 0}`;
  return await node.publishError({ provider: "latchkey", parameters, audiences, volume });
}

describe("files of the native dialect", () => {
  it("are written in every form", async () => {
    const { files } = await mount(
      "forms",
      `
- store: vault
  name: secret/data/db
  files:
    - { path: all.env, jmesPath: "{DB_USER: username, DB_PORT: port}", format: dotenv }
    - { path: all.yaml, key: tls, format: yaml }
    - { path: all.properties, key: tls, format: properties }
    - { path: all.json, key: tls, format: json }
    - { path: port, jmesPath: port }
- store: vault
  name: secret/data/bundle
  files:
    - { path: tls/crt, key: pem, format: pem, part: cert }
    - { path: tls/key, key: pem, format: pem, part: key, mode: "0400" }
    - { path: tls/chain, key: pem, format: pem, part: chain }
    - { path: blob, key: blob, decode: base64url }
`,
    );
    expect(files).toEqual({
      "all.env": "DB_PORT=5432\nDB_USER=svc\n",
      "all.yaml": '"depth": 2\n"mode": "full"\n',
      "all.properties": "depth=2\nmode=full\n",
      "all.json": '{"depth":2,"mode":"full"}',
      port: "5432",
      "tls/crt": block("CERTIFICATE", "b25l"),
      "tls/key": block("PRIVATE KEY", "a2V5"),
      "tls/chain": block("CERTIFICATE", "dHdv"),
      blob: "\u00ff\u00ef",
    });
  });

  it("come from each key of a secret", async () => {
    const { files, target } = await mount(
      "expand",
      `
- store: vault
  name: secret/data/many
  expand: { path: "tls/", include: "^tls", rename: { tls.crt: cert.pem }, mode: "0400" }
- { store: vault, name: secret/data/db, expand: { path: db., separator: "_", exclude: "^p" } }
`,
    );
    expect(files).toEqual({
      "tls/cert.pem": "c",
      "tls/tls.key": "k",
      "db.username": "svc",
      "db.tls_mode": "full",
      "db.tls_depth": "2",
    });
    expect((await stat(join(target, "tls/tls.key"))).mode & 0o777).toBe(0o400);
  });

  it("may be missing where they are optional, or have a default", async () => {
    const secrets = `
- { store: vault, name: secret/data/nowhere, optional: true, files: [{ path: a }], expand: { path: x/ } }
- { store: vault, name: secret/data/nowhere2, default: "none", files: [{ path: b }, { path: c, default: "" }] }
- { store: vault, name: secret/data/db, files: [{ path: d, key: nothing, default: "d" }, { path: e, key: username }] }
- { store: vault, name: secret/data/many, optional: true, files: [{ path: f, key: nothing }, { path: g, key: note }] }
`;
    expect((await mount("optional", secrets)).files).toEqual({ b: "none", c: "", d: "d", e: "svc", g: "n" });
    expect(
      (await mount("none", "- { store: vault, name: secret/data/no, optional: true, files: [{ path: a }] }")).files,
    ).toEqual(nothing);
    expect((await mount("empty", "[]")).files).toEqual(nothing);
  });

  it("are never passed over for a denial, nor where somebody needs them", async () => {
    const denied = await problem(
      "- { store: vault, name: sys/policies/acl/all, optional: true, files: [{ path: a }] }",
    );
    expect([denied.code, denied.message]).toEqual(["PERMISSION_DENIED", expect.stringContaining("LK0033")]);
    const needed = await problem(`
- { store: vault, name: secret/data/nowhere, optional: true, files: [{ path: a }] }
- { store: vault, name: secret/data/nowhere, files: [{ path: b }] }
`);
    expect([needed.code, needed.message]).toEqual(["NOT_FOUND", expect.stringContaining("LK0034")]);
  });
});

describe("templates", () => {
  const secrets = `
- { store: vault, name: secret/data/db, as: db, files: [{ path: user, key: username }] }
- { store: vault, name: secret/data/nowhere, as: extra, optional: true }
`;
  const templates = `
- path: app.env
  mode: "0400"
  content: |
    URL=postgres://{{ db.username }}:{{ db.password | url_encode }}@db:{{ db.port }}/shop
    EXTRA={{ extra.key | default: "none" }}
- { path: docker.json, content: '{"auth":"{{ db.username | append: ":" | append: db.password | base64_encode }}"}' }
`;

  it("are written from the secrets of their class, and change with them", async () => {
    const first = await mount("templates", secrets, templates);
    expect(first.files).toEqual({
      user: "svc",
      "app.env": "URL=postgres://svc:p%40ss%20w%2Ford@db:5432/shop\nEXTRA=none\n",
      "docker.json": `{"auth":"${Buffer.from("svc:p@ss w/ord").toString("base64")}"}`,
    });
    expect((await stat(join(first.target, "app.env"))).mode & 0o777).toBe(0o400);
    await mount("templates", secrets, templates);
    const versions = first.podStatus.status.objects;
    expect((await mount("templates", secrets, templates)).podStatus.status.objects).toEqual(versions);
    await putKv2(server, "db", { username: "svc", password: "new", port: 5432, tls: { mode: "full", depth: 2 } });
    const second = await mount("templates", secrets, templates);
    expect(second.files["app.env"]).toBe("URL=postgres://svc:new@db:5432/shop\nEXTRA=none\n");
    const changed = second.podStatus.status.objects.filter(({ version }, at) => version !== versions[at]?.version);
    expect(changed.map(({ id }) => id)).toEqual(["app.env", "docker.json"]);
  });

  it("tell what is wrong with them, and no value", async () => {
    const error = await problem(secrets, '- { path: f, content: "{{ db.password | pem_cert }}{{ db.nothing }}" }');
    expect(error.message).toMatch(/LK0040 templates\[0\]: the template cannot be rendered/);
    const bomb =
      '- { path: f, content: "{% for i in (1..99999999) %}{% for j in (1..99999999) %}{{ db.port }}{% endfor %}{% endfor %}" }';
    expect((await problem(secrets, bomb)).message).toMatch(/LK004[03] templates\[0\]/);
  });
});
