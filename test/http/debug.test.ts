import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, expect, test } from "vitest";
import { createAuthority } from "../servers/certificates.ts";
import { startForwardProxy } from "../servers/forward-proxy.ts";
import { createScene } from "./fixture.ts";

const scene = createScene();
afterEach(() => scene.clean());

for (const scheme of ["http", "https"]) {
  test(`Node prints no token, key, body or proxy password under NODE_DEBUG (${scheme})`, async () => {
    const [authority, proxy, directory] = [await createAuthority(), await startForwardProxy(), await scene.directory()];
    scene.later(() => proxy.stop());
    const tls = scheme === "https" ? { tls: { ...(await authority.issue()), clientCa: authority.caPem } } : {};
    const server = await scene.scripted(() => ({ body: "ok" }), tls);
    const pair = await authority.issueClient("web");
    const files = { clientCertFile: join(directory, "tls.crt"), clientKeyFile: join(directory, "tls.key") };
    await writeFile(files.clientCertFile, pair.cert);
    await writeFile(files.clientKeyFile, pair.key);
    const proxies = { all: proxy.url.replace("://", "://CANARY-user:CANARY-password@") };
    const options = { tls: { ca: authority.caPem, ...files }, proxies };
    const child = fileURLToPath(new URL("./debug-child.ts", import.meta.url));
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [child, JSON.stringify({ origin: server.url, options })],
      { env: { NODE_DEBUG: "http,https,http2,tls,net" }, maxBuffer: 64 * 1024 * 1024 },
    );
    expect(stdout).toBe("status 200\n");
    expect(stderr).toContain("NET ");
    const [, ...keyLines] = pair.key.trim().split(/\s*\n/);
    const basic = Buffer.from("CANARY-user:CANARY-password").toString("base64");
    for (const secret of ["CANARY", keyLines[0] ?? "", basic]) expect(stderr.includes(secret)).toBe(false);
  });
}
