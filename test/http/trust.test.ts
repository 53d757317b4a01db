import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { type TlsSettings, TrustSource } from "../../src/http/trust.ts";
import { Redacted } from "../../src/redacted.ts";
import { type Authority, createAuthority } from "../servers/certificates.ts";
import { createScene, failure, get } from "./fixture.ts";

const scene = createScene();
afterEach(() => scene.clean());

async function serverOf(authority: Authority) {
  return (await scene.scripted(() => ({ body: "ok" }), { tls: await authority.issue() })).url;
}

async function outcome(tls: TlsSettings, url: string): Promise<number | string> {
  const sent = scene.client({ tls }).send(get(url));
  return await sent.then(
    ({ status }) => status,
    async () => (await failure(sent)).id,
  );
}

describe("a CA", () => {
  test("directory counts with all its PEM files, as a Kubernetes volume shows them, and as they change", async () => {
    const [one, two, three] = [
      await createAuthority("one"),
      await createAuthority("two"),
      await createAuthority("three"),
    ];
    const urls = [await serverOf(one), await serverOf(two), await serverOf(three)];
    const caDirectory = await scene.directory();
    await mkdir(join(caDirectory, "..data"));
    await mkdir(join(caDirectory, "more"));
    await writeFile(join(caDirectory, "..data", "ca.pem"), one.caPem);
    await symlink("..data/ca.pem", join(caDirectory, "ca.pem"));
    await writeFile(join(caDirectory, "more", "b.crt"), two.caPem);
    const client = scene.client({ tls: { caDirectory } });
    const statuses = async () => {
      const sent = urls.map((url) => client.send(get(url)).then(({ status }) => status));
      return (await Promise.allSettled(sent)).map((result) => (result.status === "fulfilled" ? result.value : "no"));
    };
    expect(await statuses()).toEqual([200, 200, "no"]);
    await writeFile(join(caDirectory, "third"), three.caPem);
    await rm(join(caDirectory, "more"), { recursive: true });
    expect(await statuses()).toEqual([200, "no", 200]);
    await writeFile(join(caDirectory, "README"), "no PEM");
    expect(await statuses()).toEqual([200, "no", 200]);
  });

  test("directory without a certificate cannot be used by Vault's rules, and a file without one is passed over", async () => {
    const authority = await createAuthority();
    const [url, caDirectory] = [await serverOf(authority), await scene.directory()];
    const message = async () => (await failure(scene.client({ tls: { caDirectory } }).send(get(url)))).message;
    expect(await message()).toBe(`the CA directory ${caDirectory} has no certificate that can be read`);
    await writeFile(join(caDirectory, "README"), "no PEM");
    expect(await message()).toBe(`the CA directory ${caDirectory} has no certificate that can be read`);
    await writeFile(join(caDirectory, "ca.pem"), authority.caPem);
    expect(await outcome({ caDirectory }, url)).toBe(200);
    expect(await outcome({ caDirectory, caMode: "add" }, url)).toBe(200);
    expect(await outcome({ caDirectory: join(caDirectory, "none") }, url)).toBe("LK0020");
  });

  describe("of which some blocks cannot be read", () => {
    async function setUp() {
      const [authority, other] = [await createAuthority(), await createAuthority("other")];
      const broken = other.caPem.replace(/\n[^\n]+/, "\nAAAA");
      const directory = await scene.directory();
      const warnings: string[] = [];
      const url = await serverOf(authority);
      const send = async (tls: TlsSettings) =>
        (await scene.client({ tls, warn: (text) => warnings.push(text) }).send(get(url))).status;
      const pem = { good: authority.caPem, broken, mixed: `${broken}\n${authority.caPem}\n${other.caPem}` };
      return { url, directory, pem, warnings, send };
    }

    test("as a file serves with the rest, and the warning names the block", async () => {
      const { directory, pem, warnings, send } = await setUp();
      const caFile = join(directory, "ca.pem");
      await writeFile(caFile, pem.mixed);
      expect(await send({ caFile })).toBe(200);
      expect(warnings).toEqual([`the CA file ${caFile}: certificate 1 of 3 cannot be read and is left out`]);
    });

    test("as text and in several places serves with the rest", async () => {
      const { directory, pem, warnings, send } = await setUp();
      const caDirectory = join(directory, "all");
      await mkdir(caDirectory);
      const file = join(caDirectory, "bundle.pem");
      await writeFile(file, `${pem.broken}${pem.mixed}`);
      await writeFile(join(caDirectory, "README"), "no PEM");
      expect(await send({ ca: pem.mixed })).toBe(200);
      expect(warnings).toEqual([]);
      expect(await send({ caDirectory })).toBe(200);
      expect(warnings.splice(0)).toEqual([
        `the CA file ${join(caDirectory, "README")} has no certificate that can be read`,
        `the CA file ${file}: certificates 1 and 2 of 4 cannot be read and are left out`,
      ]);
      expect(await send({ caDirectory, caMode: "add" })).toBe(200);
      expect(warnings.length).toBe(1);
    });

    test("is told once for each change of the file", async () => {
      const { url, directory, pem, warnings } = await setUp();
      const caFile = join(directory, "ca.pem");
      const client = scene.client({ tls: { caFile }, warn: (text) => warnings.push(text) });
      await writeFile(caFile, pem.mixed);
      for (let time = 0; time < 3; time += 1) await client.send(get(url));
      expect(warnings.length).toBe(1);
      await writeFile(caFile, `${pem.good}${pem.broken}`);
      await client.send(get(url));
      expect(warnings.slice(1)).toEqual([`the CA file ${caFile}: certificate 2 of 2 cannot be read and is left out`]);
    });

    test("fails with their number where none can be read", async () => {
      const { url, directory, pem } = await setUp();
      const caFile = join(directory, "ca.pem");
      await writeFile(caFile, `${pem.broken}${pem.broken}`);
      const messages = [{ caFile }, { ca: pem.broken }, { ca: "none" }].map(
        async (tls) => (await failure(scene.client({ tls }).send(get(url)))).message,
      );
      expect(await Promise.all(messages)).toEqual([
        `the CA file ${caFile} has no certificate that can be read: all 2 in it are broken`,
        "the CA given as text has no certificate that can be read: the one in it is broken",
        "the CA given as text has no certificate that can be read",
      ]);
    });
  });

  test("of which several are given: the file, then the text, then the directory alone, or all of them", async () => {
    const authorities = await Promise.all(["file", "text", "directory"].map((name) => createAuthority(name)));
    const [inFile, inText, inDirectory] = authorities as [Authority, Authority, Authority];
    const [caDirectory, other] = [await scene.directory(), await scene.directory()];
    await writeFile(join(caDirectory, "ca.pem"), inDirectory.caPem);
    const caFile = join(other, "ca.pem");
    await writeFile(caFile, inFile.caPem);
    const urls = await Promise.all(authorities.map(serverOf));
    const all = (tls: TlsSettings) => Promise.all(urls.map((url) => outcome(tls, url)));
    const ca = inText.caPem;
    expect(await all({ caFile, ca, caDirectory })).toEqual([200, "LK0039", "LK0039"]);
    expect(await all({ ca, caDirectory })).toEqual(["LK0039", 200, "LK0039"]);
    expect(await all({ caFile, ca, caDirectory, caMode: "add" })).toEqual([200, 200, 200]);
    expect(await all({ caMode: "add" })).toEqual(["LK0039", "LK0039", "LK0039"]);
  });
});

test("a CA that is added leaves Node's own in force, and adds to no other server's", async () => {
  const [known, added] = [await createAuthority("known"), await createAuthority("added")];
  const urls = [await serverOf(known), await serverOf(added)];
  const before = getCACertificates("default");
  setDefaultCACertificates([known.caPem]);
  scene.later(() => setDefaultCACertificates(before));
  const all = (tls: TlsSettings) => Promise.all(urls.map((url) => outcome(tls, url)));
  expect(await all({ ca: added.caPem, caMode: "add" })).toEqual([200, 200]);
  expect(await all({ ca: added.caPem })).toEqual(["LK0039", 200]);
  expect(await all({ caMode: "add" })).toEqual([200, "LK0039"]);
  expect(await all({})).toEqual([200, "LK0039"]);
});

describe("the check of a server's certificate", () => {
  test("is off where it is said, and nowhere else", async () => {
    const url = await serverOf(await createAuthority());
    const before = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    scene.later(() => {
      if (before === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    });
    expect(await outcome({ skipVerify: true }, url)).toBe(200);
    expect(await outcome({ skipVerify: false }, url)).toBe("LK0039");
    expect(await outcome({}, url)).toBe("LK0039");
  });
});

describe("a client certificate", () => {
  async function setUp() {
    const [authority, clients] = [await createAuthority(), await createAuthority()];
    const tls = { ...(await authority.issue()), clientCa: clients.caPem };
    const server = await scene.scripted(() => ({ body: "ok" }), { tls });
    const [directory, pair] = [await scene.directory(), await clients.issueClient("web")];
    const files = { clientCertFile: join(directory, "tls.crt"), clientKeyFile: join(directory, "tls.key") };
    await writeFile(files.clientCertFile, pair.cert);
    await writeFile(files.clientKeyFile, pair.key);
    return { url: server.url, ca: authority.caPem, clients, files, pair };
  }

  test("is shown, from files or as text, and its absence is told", async () => {
    const { url, ca, files, pair } = await setUp();
    expect(await outcome({ ca, ...files }, url)).toBe(200);
    const client = { cert: pair.cert, key: new Redacted(pair.key) };
    expect(await outcome({ ca, client }, url)).toBe(200);
    const error = await failure(scene.client({ tls: { ca } }).send(get(url)));
    expect([error.id, error.message, error.details.fix]).toEqual([
      "LK0030",
      expect.stringMatching(/^127\.0\.0\.1:\d+ requires a client certificate, or a different one \(ERR_SSL_\w+\)$/),
      "set a client certificate that it accepts",
    ]);
  });

  test("is read again when its files change; a pair that does not fit leaves the old one in force", async () => {
    const { url, ca, clients, files } = await setUp();
    const http = scene.client({ tls: { ca, ...files } });
    const send = async () => (await http.send(get(url, { resend: false }))).status;
    expect(await send()).toBe(200);
    const next = await clients.issueClient("web");
    await writeFile(files.clientCertFile, next.cert);
    expect(await send()).toBe(200);
    const stranger = await (await createAuthority()).issueClient("web");
    await writeFile(`${files.clientKeyFile}.new`, stranger.key);
    await rename(`${files.clientKeyFile}.new`, files.clientKeyFile);
    await writeFile(files.clientCertFile, `${stranger.cert}\n`);
    expect((await failure(http.send(get(url, { resend: false })))).id).toBe("LK0030");
  });

  test("that cannot be used says why and quotes nothing", async () => {
    const { url, ca, files, pair, clients } = await setUp();
    const { clientCertFile } = files;
    const message = async (tls: TlsSettings) =>
      (await failure(scene.client({ tls: { ca, ...tls } }).send(get(url)))).message;
    expect(await message({ clientCertFile })).toBe("both client cert and client key must be provided");
    expect(await message({ clientCertFile, clientKeyFile: "/nonexistent/key" })).toBe(
      "the client key file /nonexistent/key cannot be read (ENOENT)",
    );
    const [oneLine, escaped] = [" ", "\\n"].map((mark) => pair.key.trim().replaceAll("\n", mark));
    for (const [key = "", fault] of [
      [oneLine, "missing"],
      [escaped, "written as \\n"],
    ] as const) {
      expect(await message({ client: { cert: pair.cert, key: new Redacted(key) } })).toBe(
        `the key of the client certificate cannot be read: its line breaks are ${fault}`,
      );
    }
    const { key } = await clients.issueClient("other");
    const mixed = "the client certificate and its key do not belong together, or the key cannot be read";
    expect(await message({ client: { cert: pair.cert, key: new Redacted(key) } })).toBe(mixed);
    expect(await message({ client: { cert: pair.cert, key: new Redacted("CANARY") } })).toBe(mixed);
    expect(await message({ client: { cert: "CANARY", key: new Redacted(key) } })).toBe(
      "the client certificate has no certificate that can be read",
    );
  });
});

describe("files that can no longer be read", () => {
  test("leave the last good ones in force, and that is told each time, until they can be read again", async () => {
    const authority = await createAuthority();
    const caFile = join(await scene.directory(), "ca.pem");
    await writeFile(caFile, authority.caPem);
    const told: (readonly [string, string | undefined])[] = [];
    const source = new TrustSource({ caFile }, (text, about) => void told.push([text, about]));
    const good = await source.current();
    expect(told).toEqual([]);
    await rm(caFile);
    expect(await source.current()).toBe(good);
    expect(told).toEqual([[expect.stringContaining(`the CA file ${caFile} cannot be read`), "kept"]]);
    await writeFile(caFile, "no PEM");
    expect(await source.current()).toBe(good);
    expect(told.at(-1)).toEqual([expect.stringContaining(`the CA file ${caFile} has no certificate`), "kept"]);
    await writeFile(caFile, `${authority.caPem}\n`);
    const before = told.length;
    expect((await source.current()).ca).toHaveLength(1);
    expect(told).toHaveLength(before);
  });
});
