import { inspect } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { foreignAnswers } from "../../servers/foreign-answers.ts";
import type { Answer } from "../../servers/scripted.ts";
import { goodLogin, jwt, type ScriptedVault, startScriptedVault, token } from "./scripted-vault.ts";

const html = { status: 502, headers: { "content-type": "text/html" }, body: "<html>CANARY bad gateway</html>" };
const large = Buffer.alloc(9 * 1024 * 1024, " ");
const secretText = "CANARY-value";
const deletedVersion = { errors: null, request_id: "r", data: { data: null, metadata: { version: 2 } } };

const nothing = { request_id: "r", lease_id: "", lease_duration: 0, renewable: false, data: null };
const lacksData =
  "Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints.";
const unsupported = "1 error occurred:\n\t* unsupported path\n\n";
const upgrading =
  "Upgrading from non-versioned to versioned data. This backend will be unavailable for a brief period.";
const waiting = "Waiting for the primary to upgrade from non-versioned to versioned data.";

const unreachableCluster =
  'Post "https://10.0.0.1:443/apis/authentication.k8s.io/v1/tokenreviews": dial tcp 10.0.0.1:443: connect: connection refused';

const reads: readonly [what: string, answer: Answer, id: string][] = [
  ["204", { status: 204 }, "LK0036"],
  ["an empty body", { body: "" }, "LK0036"],
  ["an empty object", { body: "{}" }, "LK0036"],
  ["only empty errors", { body: { errors: [] } }, "LK0036"],
  ["errors with a status of success", { body: { errors: ["x"], more: secretText } }, "LK0036"],
  ["null", { body: "null" }, "LK0036"],
  ["a list", { body: `["${secretText}"]` }, "LK0036"],
  ["text", { body: `"${secretText}"` }, "LK0036"],
  ["a number", { body: "12345" }, "LK0036"],
  ["garbage", { body: `${secretText} {` }, "LK0036"],
  ["cut JSON", { body: `{"data":{"data":{"a":"${secretText}` }, "LK0036"],
  ["two documents", { body: `{"data":{"a":"${secretText}"}} {"data":{}}` }, "LK0036"],
  ["data that is null", { body: { data: null, request_id: "r" } }, "LK0036"],
  ["data that is a list", { body: { data: [secretText] } }, "LK0036"],
  ["data that is text", { body: { data: secretText } }, "LK0036"],
  ["a lease duration with a fraction", { body: '{"lease_duration":1.5,"data":{"a":"CANARY"}}' }, "LK0036"],
  ["a lease duration beyond 64 bits", { body: '{"lease_duration":9223372036854775808,"data":{}}' }, "LK0036"],
  ["a lease id that is a number", { body: { lease_id: 7, data: { a: secretText } } }, "LK0036"],
  ["renewable as text", { body: { renewable: "yes", data: { a: secretText } } }, "LK0036"],
  ["warnings that are text", { body: { warnings: secretText, data: { a: 1 } } }, "LK0036"],
  ["auth that is text", { body: { auth: secretText, data: { a: 1 } } }, "LK0036"],
  ["metadata of auth that is not text", { body: { auth: { metadata: { a: 1 } }, data: { a: 1 } } }, "LK0036"],
  ["a wrap time that is none", { body: { wrap_info: { creation_time: secretText }, data: { a: 1 } } }, "LK0036"],
  ["four million numbers", { body: `{"data":{"a":[${"1,".repeat(4_000_000)}1]}}` }, "LK0036"],
  ["20,000 brackets", { body: "[".repeat(20_000) }, "LK0036"],
  ["HTML with 200", { ...html, status: 200 }, "LK0030"],
  ["HTML with 502", html, "LK0030"],
  ["a body beyond the limit", { body: large }, "LK0038"],
  ["a broken connection", "reset", "LK0030"],
  ["304", { status: 304 }, "LK0030"],
  ["a redirect without a place", { status: 302 }, "LK0036"],
  ["a redirect to itself", { status: 307, headers: { location: "/v1/secret/data/db" } }, "LK0036"],
  ["a redirect to metadata", { status: 307, headers: { location: "http://169.254.169.254/" } }, "LK0022"],
  ["400", { status: 400, body: { errors: ["bad path"] } }, "LK0037"],
  ["401", { status: 401, body: { errors: ["missing client token"] } }, "LK0033"],
  ["403", { status: 403, body: { errors: ["1 error occurred:\n\t* permission denied\n\n"] } }, "LK0033"],
  ["403 with HTML", { ...html, status: 403 }, "LK0030"],
  ["404 without errors", { status: 404, body: { errors: [] } }, "LK0034"],
  ["404 of a deleted version", { status: 404, body: deletedVersion }, "LK0034"],
  ["404 for want of data/", { status: 404, body: { ...nothing, warnings: [lacksData] } }, "LK0046"],
  ["404 of an older server for want of data/", { status: 404, body: { errors: [lacksData] } }, "LK0046"],
  ["404 without an engine", { status: 404, body: { errors: ["no handler for route 'x/y'"] } }, "LK0046"],
  ["404 of a path that the engine does not have", { status: 404, body: { errors: [unsupported] } }, "LK0046"],
  ["404 with another warning", { status: 404, body: { ...nothing, warnings: ["ignored: x"] } }, "LK0034"],
  ["400 of an engine that is upgraded", { status: 400, body: { errors: [upgrading] } }, "LK0030"],
  ["400 of a standby that waits for it", { status: 400, body: { errors: [waiting] } }, "LK0030"],
  ["405", { status: 405, body: { errors: ["unsupported operation"] } }, "LK0037"],
  ["412", { status: 412, body: { errors: ["required index state not present"] } }, "LK0030"],
  ["413", { status: 413, body: { errors: ["http: request body too large"] } }, "LK0037"],
  ["414 of a proxy", { status: 414, body: "<html>CANARY" }, "LK0030"],
  ["429", { status: 429, headers: { "retry-after": "9" }, body: { errors: ["quota"] } }, "LK0031"],
  ["431 of what serves before the server", { status: 431 }, "LK0030"],
  ["472", { status: 472 }, "LK0041"],
  ["473", { status: 473 }, "LK0041"],
  ["500 with errors", { status: 500, body: { errors: ["pq: permission denied for table x"] } }, "LK0036"],
  [
    "500 by which old servers deny",
    { status: 500, body: { errors: ["1 error occurred:\n\n* permission denied"] } },
    "LK0033",
  ],
  ["500 without a word", { status: 500, body: { errors: [] } }, "LK0036"],
  ["500 without a body", { status: 500 }, "LK0030"],
  ["501", { status: 501 }, "LK0030"],
  ["503 sealed", { status: 503, body: { errors: ["Vault is sealed"] } }, "LK0041"],
  ["503 of a standby", { status: 503, body: { errors: ["node is in standby mode"] } }, "LK0041"],
  ["503 of a balancer", { status: 503, body: "no backend" }, "LK0030"],
  ["504", { status: 504 }, "LK0030"],
  ["errors of odd types", { status: 400, body: { errors: [1, null, { a: secretText }, ["x"]] } }, "LK0030"],
  ["errors that are no list", { status: 400, body: { errors: secretText } }, "LK0030"],
];

const logins: readonly [what: string, answer: Answer, id: string][] = [
  ["204", { status: 204 }, "LK0036"],
  ["an empty body", { body: "" }, "LK0036"],
  ["an empty object", { body: "{}" }, "LK0036"],
  ["only empty errors", { body: { errors: [] } }, "LK0036"],
  ["data without auth", { body: { data: { a: 1 } } }, "LK0036"],
  ["auth that is null", { body: { auth: null, data: { a: 1 } } }, "LK0036"],
  ["auth without a token", { body: { auth: { accessor: "a" } } }, "LK0036"],
  ["a token that is empty", { body: { auth: { client_token: "" } } }, "LK0036"],
  ["a token that is a number", { body: { auth: { client_token: 5 } } }, "LK0036"],
  ["a duration that is text", { body: { auth: { client_token: token, lease_duration: "1h" } } }, "LK0036"],
  ["garbage", { body: `${token}}` }, "LK0036"],
  ["400", { status: 400, body: { errors: ["invalid role name"] } }, "LK0032"],
  ["403", { status: 403, body: { errors: ["permission denied"] } }, "LK0032"],
  ["404", { status: 404, body: { errors: ["no handler for route"] } }, "LK0032"],
  ["413", { status: 413, body: { errors: ["http: request body too large"] } }, "LK0037"],
  ["414 of a proxy", { status: 414, body: "<html>CANARY" }, "LK0030"],
  ["429", { status: 429 }, "LK0031"],
  ["431 of what serves before the server", { status: 431 }, "LK0030"],
  ["500 with errors", { status: 500, body: { errors: ["claim sub does not match"] } }, "LK0032"],
  ["500 for which nobody reached the cluster", { status: 500, body: { errors: [unreachableCluster] } }, "LK0030"],
  [
    "500 for a database that gave no answer",
    { status: 500, body: { errors: ["context deadline exceeded"] } },
    "LK0030",
  ],
  ["500 for a name that DNS lacks", { status: 500, body: { errors: ["lookup idp: no such host"] } }, "LK0030"],
  ["500 without errors", { status: 500, body: "CANARY" }, "LK0030"],
  ["502", html, "LK0030"],
  ["503 sealed", { status: 503, body: { errors: ["Vault is sealed"] } }, "LK0041"],
  ["a redirect loop", { status: 307, headers: { location: "/v1/auth/kubernetes/login" } }, "LK0036"],
  ["a broken connection", "reset", "LK0030"],
  ["too much", { body: large }, "LK0038"],
];

describe("a Vault server that answers", () => {
  let vault: ScriptedVault;
  beforeAll(async () => {
    vault = await startScriptedVault();
  });
  afterAll(() => vault.stop());

  const silent = (error: ProviderError) =>
    expect(`${inspect(error, { depth: 9 })}${error.describe()}`).not.toContain("CANARY");

  for (const [what, answer, id] of reads) {
    test(`${what} to a read gives ${id}`, async () => {
      vault.answer({ login: goodLogin, read: answer });
      const [outcome] = await vault.read(await vault.open());
      expect(outcome?.ok === false && outcome.error.id).toBe(id);
      if (outcome?.ok === false) silent(outcome.error);
    });
  }

  const shortTokens: readonly [token: string, status: number, error: string, id: string, said: string][] = [
    ["s", 404, "no handler for route 'x/y'", "LK0046", "no handler for route 'x/y'"],
    ["per", 500, "permission denied", "LK0033", "permission denied"],
    ["namespac", 404, "no namespace here", "LK0042", "no [redacted]e here"],
  ];
  for (const [short, status, text, id, said] of shortTokens) {
    test(`by a session whose token is ${short} is judged by its own words`, async () => {
      const read = { status, body: { errors: [text] } };
      vault.answer({ login: { body: { auth: { client_token: short } } }, read });
      const [outcome] = await vault.read(await vault.open());
      const error = outcome?.ok === false ? outcome.error : undefined;
      expect([error?.id, error?.message]).toEqual([
        id,
        `couldn't read secret secret/data/db (status ${status}): ${said}`,
      ]);
    });
  }

  test("that nobody answers is told as one of the login", async () => {
    vault.answer({ login: "reset" });
    const error = (await vault.open().catch((thrown: unknown) => thrown)) as ProviderError;
    expect([error.id, error.details.login]).toEqual(["LK0030", true]);
  });

  test("at a mount with auth/ before it, or an address that ends in /v1, has the cure of that first", async () => {
    const noRoute = { status: 404, body: { errors: ["no handler for route"] } };
    const answers = [noRoute, { status: 403, body: { errors: ["permission denied"] } }, html];
    for (const answer of answers) {
      vault.answer({ login: answer });
      const auth = {
        method: "jwt",
        mount: "auth/kubernetes",
        role: "shop",
        audience: "vault",
        audienceChosen: false,
      } as const;
      const error = (await vault.open({ auth }).catch((thrown: unknown) => thrown)) as ProviderError;
      expect(error.details.fix).toMatch(
        /^write the mount alone, "kubernetes": the login goes to auth\/auth\/kubernetes\/login, .*; otherwise /,
      );
      const at = (await vault
        .open({ addresses: [`${vault.server.url}/v1`] })
        .catch((thrown: unknown) => thrown)) as ProviderError;
      expect(at.details.fix).toContain(
        `write ${vault.server.url}: the address ends in /v1, and /v1 is added to it; otherwise `,
      );
    }
    vault.answer({ login: { status: 429 } });
    const busy = (await vault
      .open({ addresses: [`${vault.server.url}/v1`] })
      .catch((thrown: unknown) => thrown)) as ProviderError;
    expect(busy.details.fix).not.toContain("/v1");
  });

  const faults: readonly [what: string, answer: Answer, passing: boolean][] = [
    ["500 with errors", { status: 500, body: { errors: ["internal error"] } }, true],
    ["500 without a word", { status: 500, body: { errors: [] } }, true],
    ["another 5xx of its own", { status: 507, body: { errors: ["no space left"] } }, true],
    ["501: it cannot do that", { status: 501, body: { errors: ["not implemented"] } }, false],
    ["500 by which old servers deny", { status: 500, body: { errors: ["permission denied"] } }, false],
    ["405", { status: 405, body: { errors: ["unsupported operation"] } }, false],
    ["garbage", { body: "{" }, false],
  ];
  for (const [what, answer, passing] of faults) {
    test(`${what} is ${passing ? "" : "not "}asked for again`, async () => {
      vault.answer({ login: goodLogin, read: answer });
      const [outcome] = await vault.read(await vault.open());
      expect(outcome?.ok === false && (outcome.error.details.passing ?? false)).toBe(passing);
    });

    test(`${what} to a login is ${passing ? "" : "not "}asked for again`, async () => {
      vault.answer({ login: answer });
      const error = await vault.open().catch((thrown: ProviderError) => thrown);
      expect("details" in error && (error.details.passing ?? false)).toBe(passing);
    });
  }

  const outages: readonly [what: string, answer: Answer, ofThisCallOnly: boolean][] = [
    ["502 by which Vault tells of somebody behind it", { status: 502, body: { errors: ["rate limited"] } }, true],
    ["412", { status: 412, body: { errors: ["required index state not present"] } }, true],
    ["502 of a balancer", html, false],
    ["502 without a word", { status: 502, body: { errors: [] } }, false],
    ["503 with another word", { status: 503, body: { errors: ["in recovery mode"] } }, false],
  ];
  for (const [what, answer, ofThisCallOnly] of outages) {
    test(`${what} ${ofThisCallOnly ? "keeps nobody else" : "keeps others"} from the server`, async () => {
      vault.answer({ login: goodLogin, read: answer });
      const [read] = await vault.read(await vault.open());
      expect(read?.ok === false && [read.error.id, read.error.details.reached]).toEqual(["LK0030", ofThisCallOnly]);
      vault.answer({ login: answer });
      await expect(vault.open()).rejects.toMatchObject({ id: "LK0030", details: { reached: ofThisCallOnly } });
    });
  }

  for (const [what, answer, id] of logins) {
    test(`${what} to the login gives ${id}`, async () => {
      vault.answer({ login: answer });
      const error = await vault.open().then(
        () => expect.unreachable("the login should have failed"),
        (thrown: ProviderError) => thrown,
      );
      expect(error.id).toBe(id);
      silent(error);
    });
  }

  test("what no Vault would say is an outage, to a read and to a login", async () => {
    vault.answer({ login: goodLogin });
    const session = await vault.open();
    for (const { what, answer } of foreignAnswers) {
      const id = answer.status === 429 ? "LK0031" : "LK0030";
      vault.answer({ login: answer, read: answer });
      const [read] = await vault.read(session);
      expect([what, read?.ok === false && read.error.id]).toEqual([what, id]);
      await expect(vault.open(), what).rejects.toMatchObject({ id });
    }
  });

  test("an error is told in one line, 256 characters at most, without token and service account token", async () => {
    const noisy = `line one\n\tline two \u0000 ${token} ${jwt} ${"x".repeat(600)}`;
    vault.answer({ login: goodLogin, read: { status: 400, body: { errors: [noisy, "second"], data: secretText } } });
    const [outcome] = await vault.read(await vault.open(), "secret/data/a?version=2");
    expect(outcome?.ok === false && outcome.error.message).toBe(
      `couldn't read secret secret/data/a (status 400): ${`line one line two [redacted] [redacted] ${"x".repeat(600)}`.slice(0, 255)}…`,
    );
    vault.answer({ login: { status: 400, body: { errors: [`cannot verify ${jwt}`] } } });
    await expect(vault.open()).rejects.toThrow(
      'failed to login at auth/kubernetes as role "shop" (status 400): cannot verify [redacted]',
    );
  });

  test("a throttled read says for how long", async () => {
    vault.answer({
      login: goodLogin,
      read: { status: 429, headers: { "retry-after": "9" }, body: { errors: ["quota"] } },
    });
    const [outcome] = await vault.read(await vault.open());
    expect(outcome?.ok === false && outcome.error.details).toMatchObject({ retryAfterMs: 9000, storeCode: "429" });
  });

  test("a request that is too large is no refusal", async () => {
    vault.answer({ login: { status: 431 } });
    const error = await vault.open().catch((thrown: ProviderError) => thrown);
    expect((error as ProviderError).describe()).toBe(
      'LK0030: failed to login at auth/kubernetes as role "shop" (status 431): the answer is not from Vault. Fix: the request is too large for the server or a proxy before it: shorten path, query, namespace or role, or raise the limit there',
    );
    vault.answer({ login: goodLogin, read: { status: 414 } });
    const [outcome] = await vault.read(await vault.open());
    expect(outcome?.ok === false && outcome.error.details.fix).toBe(
      "the request is too large for the server or a proxy before it: shorten path, query, namespace or role, or raise the limit there",
    );
  });

  const wrongPaths: readonly [path: string, body: object, text: string][] = [
    [
      "secret/shop/db",
      { ...nothing, warnings: [lacksData] },
      `LK0046: couldn't read secret secret/shop/db (status 404): ${lacksData.slice(0, -1)}. Fix: write data/ after the mount of the KV version 2 engine, as in "secret/data/shop/db"`,
    ],
    [
      "secret",
      { ...nothing, warnings: [lacksData] },
      `LK0046: couldn't read secret secret (status 404): ${lacksData.slice(0, -1)}. Fix: write data/ after the mount of the KV version 2 engine, as in "secret/data/"`,
    ],
    [
      "nomount/data/db",
      { errors: [`no handler for route "nomount/data/db". route entry not found.`] },
      `LK0046: couldn't read secret nomount/data/db (status 404): no handler for route "nomount/data/db". route entry not found. Fix: correct the path, or the namespace: it must begin with the mount of a secrets engine (vault secrets list)`,
    ],
  ];
  test.each(wrongPaths)("the wrong path %s says what is wrong with it", async (path, body, text) => {
    vault.answer({ login: goodLogin, read: { status: 404, body } });
    const [outcome] = await vault.read(await vault.open(), path);
    expect(outcome?.ok === false && outcome.error.describe()).toBe(text);
  });

  test("errors say what to change", async () => {
    vault.answer({ login: { status: 403, body: { errors: ["permission denied"] } } });
    const error = await vault.open().catch((thrown: ProviderError) => thrown);
    expect((error as ProviderError).describe()).toBe(
      'LK0032: failed to login at auth/kubernetes as role "shop" (status 403): permission denied. Fix: check that auth/kubernetes exists and that its role "shop" accepts service account shop/web with the audience "vault"',
    );
    vault.answer({ login: goodLogin, read: { status: 403, body: { errors: ["permission denied"] } } });
    const [outcome] = await vault.read(await vault.open());
    expect(outcome?.ok === false && outcome.error.describe()).toBe(
      `LK0033: couldn't read secret secret/data/db (status 403): permission denied. Fix: give a policy of role "shop" the capability "read" on "secret/data/db"`,
    );
  });
});
