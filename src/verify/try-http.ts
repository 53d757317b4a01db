import { type ClientRequest, type IncomingMessage, type RequestOptions, request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { codeOf, lookupOf, tlsOf } from "./connect.ts";
import type { Try } from "./job.ts";

type Ask = (options: RequestOptions, answered: (response: IncomingMessage) => void) => ClientRequest;

/** Asks for a page with the credential. 401 and 403 refuse it; what is neither that nor let in says nothing of it. */
export const tryHttp: Try = (job, signal) => {
  const { host, port, path = "/", headers = {}, status } = job;
  const request: Ask = job.tls === "off" ? requestHttp : requestHttps;
  const { promise, resolve } = Promise.withResolvers<Awaited<ReturnType<Try>>>();
  const asked = request(
    { ...tlsOf(job), host, port, path, headers, signal, agent: false, lookup: lookupOf(job) },
    (response) => {
      response.destroy();
      const { statusCode = 0 } = response;
      const isIn = status === undefined ? statusCode >= 200 && statusCode < 300 : status.includes(statusCode);
      const refused = statusCode === 401 || statusCode === 403 ? "refused" : "unreachable";
      resolve(isIn ? { verdict: "ok" } : { verdict: refused, code: String(statusCode) });
    },
  );
  asked.on("error", (error) => resolve({ verdict: "unreachable", code: codeOf(error) }));
  asked.end();
  return promise;
};
