import { beforeAll, describe, expect, it } from "vitest";
import { SecureContexts } from "../../src/http/secure-contexts.ts";
import { Redacted } from "../../src/redacted.ts";
import { createAuthority } from "../servers/certificates.ts";

let authority: Awaited<ReturnType<typeof createAuthority>>;
let other: string;
beforeAll(async () => {
  authority = await createAuthority();
  other = (await createAuthority("other")).caPem;
});

describe("TLS contexts", () => {
  it("are one for equal trusts, and others for others", async () => {
    const { cert, key } = await authority.issueClient("a");
    const second = await authority.issueClient("b");
    const client = { cert, key: new Redacted(key) };
    const { caPem: ca } = authority;
    const contexts = new SecureContexts();
    const trusts = [
      ...[{}, { ca: [] }, { ca: [ca] }, { ca: [other] }, { ca: [ca, other] }, { ca: [`${ca}${other}`] }],
      ...[{ moreCa: [ca] }, { ca: [ca], client }, { client }],
      { client: { cert: second.cert, key: new Redacted(second.key) } },
    ];
    const made = trusts.map((trust) => contexts.of(trust));
    expect(new Set(made).size).toBe(trusts.length);
    for (const [at, trust] of trusts.entries()) expect(contexts.of({ ...trust })).toBe(made[at]);
  });

  it("of one CA take no more memory, however many servers are under it", () => {
    const contexts = new SecureContexts();
    const bundle = Array(200).fill(authority.caPem);
    const held = [contexts.of({ ca: bundle })];
    const before = process.memoryUsage().rss;
    for (let server = 0; server < 256; server += 1) held.push(contexts.of({ ca: [...bundle] }));
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000);
    expect(new Set(held).size).toBe(1);
  });
});
