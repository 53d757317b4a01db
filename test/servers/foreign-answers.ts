import type { Answer } from "./scripted.ts";

/** An answer that something between a node and a store gives. */
export interface ForeignAnswer {
  readonly what: string;
  readonly answer: Exclude<Answer, string>;
}

const page = (title: string) =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body><center><h1>${title}</h1></center><hr><center>nginx</center></body>\r\n</html>\r\n`;

/** Answers of ingresses, gateways, web servers and firewalls, without the status. */
const bodies: readonly [what: string, headers: Readonly<Record<string, string>>, body: string][] = [
  ["nothing", {}, ""],
  ["text", { "content-type": "text/plain; charset=utf-8" }, "default backend - 404"],
  ["a page", { "content-type": "text/html" }, page("404 Not Found")],
  ["a page without a type", {}, `<!DOCTYPE html>\n${page("Access denied")}`],
  ["a gateway's JSON", { "content-type": "application/json" }, '{"message":"no Route matched","request_id":"5f2c"}'],
  ["a framework's JSON", { "content-type": "application/json" }, '{"status":404,"error":"Not Found","path":"/v1/x"}'],
  ["a word in JSON", { "content-type": "application/json" }, '{"error":"forbidden","error_description":"no route"}'],
  ["an OAuth gateway's JSON", { "content-type": "application/json" }, '{"error":"invalid_request"}'],
  ["an error object", { "content-type": "application/json" }, '{"error":{"code":"Forbidden","message":"not allowed"}}'],
  ["a numbered error object", { "content-type": "application/json" }, '{"error":{"code":404,"message":"gone"}}'],
  ["an error of texts", { "content-type": "application/json" }, '{"error":{"status":"NOT_FOUND","message":"gone"}}'],
  ["a list of objects", { "content-type": "application/vnd.api+json" }, '{"errors":[{"status":"404","title":"gone"}]}'],
  ["a problem", { "content-type": "application/problem+json" }, '{"type":"about:blank","title":"Forbidden"}'],
  ["a cluster's JSON", { "content-type": "application/json" }, '{"kind":"Status","status":"Failure","code":404}'],
  ["XML", { "content-type": "application/xml" }, "<Error><Code>AccessDenied</Code></Error>"],
];

const statuses = [
  ...[
    400, 401, 402, 403, 404, 405, 406, 407, 408, 409, 410, 411, 413, 414, 415, 418, 421, 422, 423, 426, 428, 429, 431,
  ],
  ...[444, 451, 460, 499, 500, 501, 502, 503, 504, 508, 511, 520, 530],
];

/** Every one of them with every status, and a page that claims success. */
export const foreignAnswers: readonly ForeignAnswer[] = foreignWith(statuses, bodies);

/** The usual ones, for tests that take a whole mount for each. */
export const usualForeignAnswers: readonly ForeignAnswer[] = foreignWith(
  [400, 401, 403, 404, 405, 408, 410, 413, 429, 451, 500, 501, 502, 503, 504],
  bodies.filter(([what]) => /^(?:nothing|text|a page|a gateway's JSON|a framework's JSON)$/.test(what)),
);

function foreignWith(codes: readonly number[], said: typeof bodies): readonly ForeignAnswer[] {
  return [
    { what: "200 with a page", answer: { headers: { "content-type": "text/html" }, body: page("Maintenance") } },
    ...codes.flatMap((status) =>
      said.map(([what, headers, body]) => ({ what: `${status} with ${what}`, answer: { status, headers, body } })),
    ),
  ];
}
