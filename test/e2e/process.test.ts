import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createConnection } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { options } from "../../src/node/options.ts";
import { createDriver } from "../driver.ts";
import { startScripted } from "../servers/scripted.ts";
import { createTokenIssuer } from "../tokens.ts";
import { type Latchkey, runLatchkey, runToEnd } from "./process.ts";

let directory: string;
let running: Latchkey[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-"));
  running = [];
});

afterEach(async () => {
  await Promise.all(running.map((latchkey) => latchkey.stop()));
  await rm(directory, { recursive: true, force: true });
});

async function serve(...args: readonly string[]): Promise<Latchkey> {
  const latchkey = runLatchkey(["serve", "--socket-dir", directory, "--version-key", "ephemeral", ...args]);
  running.push(latchkey);
  await latchkey.until(/"msg":"serving"/);
  return latchkey;
}

describe("latchkey serve", () => {
  it("leaves its memory out of core dumps", async () => {
    const { pid } = await serve();
    expect((await readFile(`/proc/${pid}/coredump_filter`, "utf8")).trim()).toBe("00000000");
  });

  it("answers Version on one socket a dialect and takes its sockets away on SIGTERM", async () => {
    const latchkey = await serve("--providers", "latchkey,vault,aws");
    expect((await readdir(directory)).sort()).toEqual(["aws.sock", "latchkey.sock", "vault.sock"]);
    expect((await stat(join(directory, "aws.sock"))).mode & 0o777).toBe(0o600);
    const driver = createDriver({ socketDir: directory });
    const version = await driver.version("vault");
    driver.close();
    expect(version).toMatchObject({ version: "v1alpha1", runtime_name: "latchkey" });
    expect(version.runtime_version).toMatch(/^\d+\.\d+\.\d+$/);
    latchkey.signal("SIGTERM");
    expect(await latchkey.ended).toBe(0);
    expect(await readdir(directory)).toEqual([]);
  });

  it("replaces the socket of a process that was killed, and refuses to replace a live one", async () => {
    const first = await serve();
    first.signal("SIGKILL");
    await first.ended;
    expect(await readdir(directory)).toEqual(["latchkey.sock"]);
    await serve();
    const third = await runToEnd(["serve", "--socket-dir", directory, "--version-key", "ephemeral"]);
    expect(third.code).toBe(2);
    expect(third.output).toContain(
      `latchkey: ${directory}/latchkey.sock: another process serves it; stop that one first`,
    );
  });

  const stopping: readonly NodeJS.Signals[] = ["SIGTERM", "SIGINT", "SIGHUP", "SIGQUIT"];
  it.each(stopping)("answers what hangs when the drain is over with a final code, and exits: %s", async (signal) => {
    const issuer = await createTokenIssuer();
    const store = await startScripted(() => "hang");
    const latchkey = await serve("--providers", "vault", "--drain", "200ms", "--allow-address", "127.0.0.1");
    const driver = createDriver({ socketDir: directory });
    const pod = { name: "web-0", namespace: "shop", uid: "1", serviceAccount: "payments" };
    const parameters = {
      vaultAddress: store.url,
      roleName: "r",
      objects: "- { objectName: a, secretPath: secret/a, secretKey: b }",
    };
    const tokens = await issuer.tokens(pod, ["vault"]);
    const mounting = driver
      .publish({ provider: "vault", parameters, pod, tokens, targetRoot: directory })
      .catch((error: unknown) => error);
    while (store.requests.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    latchkey.signal(signal);
    expect(await mounting).toMatchObject({ code: "FAILED_PRECONDITION", message: expect.stringContaining("LK0009") });
    expect(await latchkey.ended).toBe(0);
    driver.close();
    await store.stop();
  });

  it("ends in order although a store that it has hundreds of logins at hangs", async () => {
    const issuer = await createTokenIssuer();
    await writeFile(join(directory, "jwks.json"), JSON.stringify(issuer.jwks()));
    let hangs = false;
    const store = await startScripted(({ path }) => {
      if (hangs) return "hang";
      if (path.endsWith("/login"))
        return { body: '{"auth":{"client_token":"s.x","lease_duration":60,"token_type":"service"}}' };
      return { body: '{"data":{"b":"c"}}' };
    });
    const latchkey = await serve(
      ...["--providers", "vault", "--drain", "100ms", "--allow-address", "127.0.0.1", "--refresh", "0s"],
      ...["--token-keys", join(directory, "jwks.json"), "--token-issuer", issuer.issuer],
    );
    const driver = createDriver({ socketDir: directory });
    const parameters = {
      vaultAddress: store.url,
      roleName: "r",
      objects: "- { objectName: a, secretPath: secret/a, secretKey: b }",
    };
    const mount = async (index: number) => {
      const pod = { name: "web-0", namespace: "shop", uid: `u-${index}`, serviceAccount: `sa-${index}` };
      const tokens = await issuer.tokens(pod, ["vault"]);
      return await driver.publish({ provider: "vault", parameters, pod, tokens, targetRoot: directory });
    };
    await Promise.all(Array.from({ length: 200 }, (_, index) => mount(index)));
    hangs = true;
    const hanging = Array.from({ length: 20 }, (_, index) => mount(1_000 + index).catch(() => undefined));
    while (store.requests.filter(({ path }) => path.endsWith("/login")).length < 201)
      await new Promise((resolve) => setTimeout(resolve, 5));
    latchkey.signal("SIGTERM");
    expect(await latchkey.ended).toBe(0);
    expect(latchkey.output()).toMatch(/"msg":"stopped"\}\n$/);
    await Promise.all(hanging);
    driver.close();
    await store.stop();
  });

  it("renders templates in a worker of the bundle", async () => {
    await writeFile(join(directory, "db.json"), '{"password":"p 1"}');
    const config = join(directory, "config.yaml");
    await writeFile(config, `profiles: { files: { kind: file, directory: "${directory}" } }`);
    await serve("--config", config);
    const driver = createDriver({ socketDir: directory });
    const pod = { name: "web-0", namespace: "shop", uid: "1", serviceAccount: "payments" };
    const parameters = {
      stores: "files: { profile: files }",
      secrets: "- { store: files, name: db.json, as: db }",
      templates: '- { path: app.env, content: "P={{ db.password | url_encode }}" }',
    };
    const { target } = await driver.publish({ provider: "latchkey", parameters, pod, targetRoot: directory });
    driver.close();
    expect(await readFile(join(target, "app.env"), "utf8")).toBe("P=p%201");
  });

  it("answers health on the admin address only when asked to", async () => {
    const latchkey = await serve("--admin-listen", "127.0.0.1:0");
    expect(latchkey.output()).toMatch(/"adminPort":\d+/);
    const port = /"adminPort":(\d+)/.exec(latchkey.output())?.[1];
    const [healthy, ready, other] = await Promise.all(
      ["healthz", "readyz", "debug/pprof"].map((path) => fetch(`http://127.0.0.1:${port}/${path}`)),
    );
    expect([healthy?.status, ready?.status, other?.status]).toEqual([200, 200, 404]);
  });

  it("does not start where the admin address is taken, and leaves no socket behind", async () => {
    const first = await serve("--admin-listen", "127.0.0.1:0");
    const port = /"adminPort":(\d+)/.exec(first.output())?.[1];
    const other = join(directory, "other");
    await mkdir(other);
    const flags = ["--socket-dir", other, "--version-key", "ephemeral", "--admin-listen", `127.0.0.1:${port}`];
    const { code, output } = await runToEnd(["serve", ...flags]);
    expect([code, output]).toEqual([2, expect.stringContaining(`127.0.0.1:${port} cannot be had (EADDRINUSE)`)]);
    expect(await readdir(other)).toEqual([]);
  });

  it.each(["SIGUSR1", "SIGUSR2", "SIGALRM", "SIGPWR"] as const)("goes on serving after %s", async (signal) => {
    const latchkey = await serve();
    latchkey.signal(signal);
    const driver = createDriver({ socketDir: directory });
    expect((await driver.version("latchkey")).version).toBe("v1alpha1");
    latchkey.signal("SIGHUP");
    expect(await latchkey.ended).toBe(0);
    expect(latchkey.output()).toMatch(/"msg":"stopped"\}\n$/);
    driver.close();
  });

  it("does not open Node's inspector on SIGUSR1", async () => {
    const latchkey = await serve();
    latchkey.signal("SIGUSR1");
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(latchkey.output()).not.toContain("Debugger");
    const refused = await new Promise((resolve) => {
      createConnection(9229, "127.0.0.1", () => resolve(false)).once("error", () => resolve(true));
    });
    expect(refused).toBe(true);
    const driver = createDriver({ socketDir: directory });
    expect((await driver.version("latchkey")).version).toBe("v1alpha1");
    driver.close();
  });

  const wrong: readonly [string, readonly string[], Record<string, string>, RegExp][] = [
    ["no version key", [], {}, /^latchkey: no key for object versions: give --version-key-file/],
    ["unknown flag", ["--version-kye", "x"], {}, /unknown option '--version-kye'\n\(Did you mean --version-key\?\)/],
    [
      "wrong value",
      ["--version-key", "ephemeral", "--drain", "x"],
      {},
      /^latchkey: --drain: "x" is not allowed; allowed: /,
    ],
    [
      "short key",
      ["--version-key-file", "short"],
      {},
      /^latchkey: --version-key-file: .*short has 5 bytes; give 32 random bytes or more/,
    ],
    [
      "wrong address",
      ["--version-key", "ephemeral", "--allow-address", "10.0.0.0/99"],
      {},
      /^latchkey: .*--allow-address.*10\.0\.0\.0\/99/,
    ],
    [
      "wrong token keys",
      ["--version-key", "ephemeral", "--token-issuer", "x", "--token-keys", "short"],
      {},
      /^latchkey: --token-keys: /,
    ],
    [
      "wrong profile",
      ["--version-key", "ephemeral", "--config", "profile.yaml"],
      {},
      /^latchkey: profiles\.a\.kind: "ftp" is not a kind of store; allowed: file, vault, aws-secrets-manager/,
    ],
    [
      "wrong settings of a profile",
      ["--version-key", "ephemeral", "--config", "settings.yaml"],
      {},
      /^latchkey: profiles\.a/,
    ],
    [
      "no socket directory",
      ["--version-key", "ephemeral", "--socket-dir", "nowhere"],
      {},
      /^latchkey: .*nowhere: does not exist; create it/m,
    ],
    [
      "inspector",
      ["--version-key", "ephemeral"],
      { NODE_OPTIONS: "--heapsnapshot-signal=SIGUSR2" },
      /^latchkey: Node option --heapsnapshot-signal could show secrets/,
    ],
    [
      "keys of TLS connections",
      ["--version-key", "ephemeral"],
      { NODE_OPTIONS: "--tls-keylog=/dev/stderr" },
      /^latchkey: Node option --tls-keylog could show secrets/,
    ],
  ];
  it.each(wrong)("does not start, says why, and exits with 2: %s", async (_, args, env, message) => {
    await writeFile(join(directory, "short"), "short");
    await writeFile(join(directory, "profile.yaml"), "profiles:\n  a: { kind: ftp }\n");
    await writeFile(join(directory, "settings.yaml"), "profiles:\n  a: { kind: file, directory: 7 }\n");
    await mkdir(join(directory, "s"));
    const inDirectory = args.map((arg) => (/^(short|nowhere|.*\.yaml)$/.test(arg) ? join(directory, arg) : arg));
    const { code, output } = await runToEnd(["serve", "--socket-dir", join(directory, "s"), ...inDirectory], { env });
    expect(output).toMatch(message);
    expect(output).not.toContain("    at ");
    expect(code).toBe(2);
  });
});

describe("latchkey --help", () => {
  it("names every setting with its variable", async () => {
    const { code, output } = await runToEnd(["serve", "--help"]);
    expect(code).toBe(0);
    for (const name of Object.keys(options)) {
      expect(output).toContain(`--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
    }
    expect(output).toContain("LATCHKEY_VAULT_ADDR, VAULT_ADDR");
  });

  it("says of every setting what holds where nobody gives it", async () => {
    const { output } = await runToEnd(["serve", "--help"]);
    const settings = output.replace(/\s+/g, " ").split(/ (?=--[a-z-]+ [<[])/);
    expect(settings.slice(1).filter((text) => !text.includes("default"))).toEqual([]);
    expect(settings.length).toBe(Object.keys(options).length + 1);
  });
});
