import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { classOf } from "../lint/lint-of.ts";
import { type Answer, type RecordedRequest, type ScriptedServer, startScripted } from "../servers/scripted.ts";
import { createTokenIssuer } from "../tokens.ts";
import { run } from "./run.ts";

let cwd: string;
let server: ScriptedServer;
/** Given before anything else is. */
let first: Answer[];

const login = { auth: { client_token: "t", lease_duration: 3600, token_type: "service" } };
const read = { request_id: "r", data: { data: { v: "good" }, metadata: { version: 1, created_time: "2026-01-01" } } };

function usual({ path }: RecordedRequest): Answer {
  return { body: path.endsWith("/login") || path.endsWith("/token") ? { ...login, access_token: "t" } : read };
}

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), "latchkey-patience-"));
  server = await startScripted((request) => first.shift() ?? usual(request));
  const audience = ["vault", "pool", "api://AzureADTokenExchange"];
  const issuer = await createTokenIssuer();
  await writeFile(join(cwd, "token"), await issuer.token({ namespace: "shop", serviceAccount: "web", audience }));
});

afterEach(async () => {
  await server?.stop();
  await rm(cwd, { recursive: true, force: true });
});

const native = (store: string) =>
  classOf("latchkey", {
    stores: `s: ${store}\n#\n`,
    secrets: "- { store: s, name: secret/data/a, files: [{ path: a, key: v }] }\n#\n",
  });

/** In a pipe no bar is drawn, so nothing but the mount keeps the process alive while it waits. */
async function mount(input: string, ...flags: readonly string[]) {
  const who = ["--namespace", "shop", "--service-account", "web", "--token-file", "token", "--target", "out"];
  return await run(["mount", "-", ...who, "--allow-address", "127.0.0.1", ...flags], { cwd, input });
}

describe("latchkey mount waits for a store", () => {
  const busy: readonly (readonly [what: string, answers: readonly Answer[]])[] = [
    ["fails inside", [{ status: 500, body: { errors: ["internal error"] } }]],
    ["closes the connection", ["reset"]],
    ["asks for fewer calls", [{ status: 429, headers: { "retry-after": "1" }, body: { errors: ["slow down"] } }]],
    ["is answered for by an ingress", [{ status: 502, headers: { connection: "close" }, body: "" }]],
  ];
  it.each(busy)("that %s at first, and then mounts", async (_, answers) => {
    first = [...answers];
    const { code, stderr } = await mount(native(`{ kind: vault, address: "${server.url}", role: r }`));
    expect([code, stderr, await readFile(join(cwd, "out/a"), "utf8")]).toEqual([0, "", "good"]);
  });

  const away = { status: 503, headers: { connection: "close" }, body: "" };
  const stores: readonly (readonly [what: string, store: string, flags: (url: string) => readonly string[]])[] = [
    ["Vault", "{ kind: vault, role: r }", (url) => ["--vault-addr", url]],
    [
      "Google Cloud",
      "{ kind: gcp-secret-manager, project: p }",
      (url) => [
        ...["--gcp-endpoint", `${url}/{service}`, "--gcp-impersonation", "none"],
        ...["--gcp-identity-pool", "pool", "--gcp-identity-provider", "https://issuer"],
      ],
    ],
    [
      "a metadata server",
      "{ kind: gcp-secret-manager, project: p }",
      (url) => [...["--gcp-impersonation", "none", "--gcp-metadata-host", new URL(url).host]],
    ],
    [
      "Azure",
      "{ kind: azure-key-vault, vault: shop, tenant: t, clientId: c }",
      (url) => ["--azure-login-url", url, "--azure-vault-url", `${url}/{vault}`],
    ],
  ];
  it.each(stores)("that stays away, %s, and then says so", async (_, store, flags) => {
    first = Array.from({ length: 500 }, () => away);
    const address = store.includes("vault, role") ? store.replace(" role", ` address: "${server.url}", role`) : store;
    const { code, stdout, stderr } = await mount(
      native(address).replace("secret/data/a", "a"),
      "--mount-timeout",
      "2s",
      ...flags(server.url),
    );
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toMatch(/^latchkey: LK00(?:30|06) .*\n$/);
  });
});
