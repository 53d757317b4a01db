import { once } from "node:events";
import { createServer as createTlsServer } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { Redacted } from "../../src/redacted.ts";
import { createAuthority } from "../servers/certificates.ts";
import { createScene, failure, get } from "./fixture.ts";

const scene = createScene();
afterAll(() => scene.clean());

/** Every alert of TLS 1.2 and 1.3 by which a server ends a handshake, and numbers that nobody has given yet. */
const alerts = [
  ...[0, 10, 20, 21, 22, 30, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 60, 70, 71, 80, 86, 90, 100],
  ...[109, 110, 111, 112, 113, 114, 115, 116, 120, 121, 200, 255],
];

/** A server that answers a client's first words with an alert, which is fatal. */
async function alerting(alert: number): Promise<string> {
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(Buffer.from([21, 3, 3, 0, 2, 2, alert])));
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  scene.later(() => server.close());
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe("a TLS alert of a server", () => {
  it.each(alerts)("(%d) is an answer: the store was reached, and nothing is gained by waiting", async (alert) => {
    const error = await failure(scene.client().send(get(await alerting(alert))));
    expect([error.id, error.details.reached, error.details.unwelcome]).toEqual(["LK0030", true, true]);
    expect(error.message).toMatch(
      /^127\.0\.0\.1:\d+ (?:refused the TLS connection with alert \d+|requires a client certificate, or a different one) \((?:EPROTO|ERR_SSL_\w+)\)$/,
    );
  });

  it.each(["TLSv1.2", "TLSv1.3"] as const)("that asks for a certificate under %s is one", async (maxVersion) => {
    const authority = await createAuthority();
    const server = createTlsServer({
      ...(await authority.issue()),
      ...{ ca: authority.caPem, requestCert: true, rejectUnauthorized: true, maxVersion },
    });
    await once(server.listen(0, "127.0.0.1"), "listening");
    scene.later(() => server.close());
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const error = await failure(scene.client({ tls: { ca: authority.caPem } }).send(get(url)));
    expect([error.id, error.details.reached]).toEqual(["LK0030", true]);
  });

  it("that cuts the connection for a certificate that it does not take is told as cut", async () => {
    const [authority, stranger] = [await createAuthority(), await createAuthority("stranger")];
    const server = await scene.scripted(() => ({}), {
      tls: { ...(await authority.issue()), clientCa: authority.caPem },
    });
    const { key, cert } = await stranger.issueClient("pod");
    const tls = { ca: authority.caPem, client: { cert, key: new Redacted(key) } };
    const error = await failure(scene.client({ tls }).send(get(server.url)));
    expect([error.id, error.details.storeCode]).toEqual(["LK0030", "ECONNRESET"]);
  });
});
