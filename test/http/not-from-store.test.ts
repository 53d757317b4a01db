import { describe, expect, test } from "vitest";
import { isWebPage, notFromStore } from "../../src/http/not-from-store.ts";

const answer = (status: number, type: string | undefined, body = "") => ({
  status,
  headers: new Map(type === undefined ? [] : [["content-type", type]]),
  body: Buffer.from(body),
});

const pages: readonly [type: string | undefined, body: string, isPage: boolean][] = [
  ["text/html", "<h1>no</h1>", true],
  ["TEXT/HTML; charset=utf-8", "  <h1>no</h1>", true],
  ["application/xhtml+xml", "<html/>", true],
  [undefined, "<!DOCTYPE html><html>", true],
  [undefined, "\ufeff\n<HTML lang=en>", true],
  ["application/json", "<html>", true],
  ["text/html", '{"errors":[]}', false],
  ["text/html", "", false],
  ["text/xml", "<ErrorResponse/>", false],
  [undefined, "<htmlish>", false],
  [undefined, "html", false],
];
test.each(pages)("an answer of type %s with %j is a web page: %s", (type, body, isPage) => {
  expect(isWebPage(answer(200, type, body))).toBe(isPage);
});

describe("an answer that is not the store's", () => {
  const texts: readonly [status: number, type: string | undefined, text: string][] = [
    [404, "text/html; charset=utf-8", "asking (status 404, text/html): the answer is not from Vault"],
    [403, undefined, "asking (status 403): the answer is not from Vault"],
    [403, "CANARY\u0000/", "asking (status 403): the answer is not from Vault"],
    [403, `text/${"x".repeat(99)}`, "asking (status 403): the answer is not from Vault"],
  ];
  test.each(texts)("with status %s and type %j names them where they can be named", (status, type, text) => {
    const error = notFromStore("asking", "Vault", answer(status, type, "CANARY"));
    expect([error.id, error.message, error.details.storeCode]).toEqual(["LK0030", text, String(status)]);
  });

  const fixes: readonly [status: number, body: string, fix: RegExp][] = [
    [404, "default backend - 404", /^look for the proxy, ingress or balancer that answered in place of Vault/],
    [413, "", /^the request is too large/],
    [400, "Client sent an HTTP request to an HTTPS server.\n", /^write https:\/\/ in the address/],
    [400, "<h1>400</h1>The plain HTTP request was sent to HTTPS port", /^write https:\/\/ in the address/],
  ];
  test.each(fixes)("with status %s and %j says what to do", (status, body, fix) => {
    expect(notFromStore("asking", "Vault", answer(status, undefined, body)).details.fix).toMatch(fix);
  });

  test.each([
    [404, true],
    [500, true],
    [502, false],
    [503, false],
    [504, false],
  ])("with status %s says that something was reached: %s", (status, reached) => {
    expect(notFromStore("asking", "Vault", answer(status, undefined)).details.reached).toBe(reached);
  });
});
