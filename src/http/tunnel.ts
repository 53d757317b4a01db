import { request as httpRequest } from "node:http";
import { type AgentOptions, request as httpsRequest, type RequestOptions, Agent as TlsAgent } from "node:https";
import { isIP, type LookupFunction, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { type ConnectionOptions, connect } from "node:tls";
import { ProviderError } from "../errors.ts";
import { toHttpError } from "./http-error.ts";
import type { HttpProxy } from "./proxy.ts";

/** A proxy that says nothing for so long is given up, whoever waits. */
const longestMs = 10_000;

/** TLS connections through a proxy's `CONNECT`. */
export class TunnelAgent extends TlsAgent {
  readonly #proxy: HttpProxy;

  constructor(options: AgentOptions, proxy: HttpProxy) {
    super(options);
    this.#proxy = proxy;
  }

  /** Called by Node for a request that finds no idle connection. */
  override createConnection(
    options: RequestOptions,
    callback: (error: Error | null, stream: Duplex) => void,
  ): undefined {
    this.#connect(options).then(
      (socket) => callback(null, socket),
      // Node takes no stream with an error; its types do not say so.
      (thrown: Error) => callback(thrown, undefined as unknown as Duplex),
    );
    return undefined;
  }

  async #connect(options: RequestOptions): Promise<Duplex> {
    const host = await checkedHost(String(options.host), options.lookup);
    const target = `${isIP(host) === 6 ? `[${host}]` : host}:${options.port ?? 443}`;
    const socket = await openTunnel(this.#proxy, target);
    return connect({ ALPNProtocols: ["http/1.1"], ...(options as ConnectionOptions), socket });
  }
}

/** The address behind a name, where the name has to be looked up here to be checked; else the name, for the proxy to look up. */
export async function checkedHost(host: string, lookup: LookupFunction | undefined): Promise<string> {
  if (lookup === undefined || isIP(host) !== 0) return host;
  return await new Promise((resolve, reject) => {
    lookup(host, {}, (error, address) => (error === null ? resolve(String(address)) : reject(error)));
  });
}

function openTunnel(proxy: HttpProxy, target: string): Promise<Socket> {
  const { host, port, secure, where, authorization } = proxy;
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const send = secure ? httpsRequest : httpRequest;
  const request = send({ host, port, method: "CONNECT", path: target, agent: false, rejectUnauthorized: true });
  const timer = setTimeout(() => request.destroy(noAnswer()), longestMs);
  const fail = (thrown: unknown) => reject(toHttpError(thrown, where, new AbortController().signal));
  request.once("connect", ({ statusCode = 0 }, socket, head) => {
    clearTimeout(timer);
    if (statusCode === 200 && head.length === 0) return resolve(socket as Socket);
    socket.destroy();
    fail(refusedBy(proxy, statusCode));
  });
  request.once("error", fail);
  request.once("close", () => {
    clearTimeout(timer);
    fail(noAnswer());
  });
  // Not in the options: NODE_DEBUG=http,net prints those, and Node's own proxy agent as well.
  request.setHeader("host", target);
  if (authorization !== undefined) request.setHeader("proxy-authorization", authorization.reveal());
  request.end();
  return promise;
}

function noAnswer(): Error {
  return Object.assign(new Error("the proxy gave no answer"), { code: "ETIMEDOUT" });
}

/** The error of a proxy that does not let a request through. */
export function refusedBy({ where }: HttpProxy, status: number): ProviderError {
  const fix =
    status === 407
      ? "give user and password in the proxy's URL, or let the proxy trust this node"
      : "check the proxy's log, or put the store's host into NO_PROXY";
  return new ProviderError("LK0030", `${where} did not let the request through (status ${status})`, {
    storeCode: String(status),
    fix,
  });
}
