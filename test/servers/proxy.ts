import { once } from "node:events";
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import {
  createServer as createTlsServer,
  Agent as TlsAgent,
  Server as TlsServer,
  request as tlsRequest,
} from "node:https";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { Certificate } from "./certificates.ts";
import { cutConnection } from "./cut-connection.ts";
import { type Fault, passedOn, relay } from "./faults.ts";

/** A request that reached the proxy, whatever became of it. */
interface ProxiedRequest {
  readonly method: string;
  /** Path without the query. */
  readonly path: string;
  readonly url: string;
}

/** Which requests are meant; `path` is compared whole. */
type RequestFilter = { readonly method?: string; readonly path?: string | RegExp };

/** A reverse proxy that counts, slows and spoils requests. */
export interface FaultyProxy {
  readonly url: string;
  readonly requests: readonly ProxiedRequest[];
  /** Connections accepted so far. */
  readonly connections: number;
  /** How many requests came, of all or of those that fit. */
  count(filter?: RequestFilter): number;
  /** Forgets the requests counted so far. */
  resetCounts(): void;
  /** Milliseconds that every request waits from now on. */
  setLatency(ms: number): void;
  /** Spoils the requests that fit, the first `times` of them; a later fault wins over an earlier one. */
  inject(fault: Fault, options?: RequestFilter & { times?: number }): void;
  /** Takes all faults back; latency stays. */
  clearFaults(): void;
  /** Closes the port: connections are cut and new ones refused, until `accept`. */
  refuse(): Promise<void>;
  accept(): Promise<void>;
  /** Where it serves HTTPS: cuts connections and shows another certificate from now on. */
  showCertificate(certificate: Certificate): void;
  stop(): Promise<void>;
}

/** How the proxy is reached and how it reaches its target. */
export interface ProxyOptions {
  readonly latencyMs?: number;
  /** Serves HTTPS with this certificate. */
  readonly tls?: Certificate;
  /** PEM of the authority that signed the target's certificate. */
  readonly targetCa?: string;
}

interface Injected {
  readonly fault: Fault;
  readonly filter: RequestFilter;
  left: number;
}

interface State {
  readonly target: URL;
  readonly agent: Agent;
  readonly requests: ProxiedRequest[];
  readonly closing: AbortController;
  faults: Injected[];
  latencyMs: number;
  connections: number;
}

/** Starts a proxy on a free port of 127.0.0.1 that sends everything on to `target`, over kept connections. */
export async function startProxy(target: string, options: ProxyOptions = {}): Promise<FaultyProxy> {
  const url = new URL(target);
  const secure = url.protocol === "https:";
  const ca = options.targetCa;
  const state: State = {
    target: url,
    agent: secure ? new TlsAgent({ keepAlive: true, ...(ca && { ca }) }) : new Agent({ keepAlive: true }),
    requests: [],
    closing: new AbortController(),
    faults: [],
    latencyMs: options.latencyMs ?? 0,
    connections: 0,
  };
  const handle = (message: IncomingMessage, response: ServerResponse) => {
    pass(state, message, response).catch(() => message.socket.destroy());
  };
  const server = options.tls === undefined ? createServer(handle) : createTlsServer({ ...options.tls }, handle);
  const sockets = countConnections(state, server);
  await once(server.listen(0, "127.0.0.1"), "listening");
  const { port } = server.address() as AddressInfo;
  const scheme = options.tls === undefined ? "http" : "https";
  return controls(state, server, sockets, port, `${scheme}://127.0.0.1:${port}`);
}

function countConnections(state: State, server: Server): ReadonlySet<Socket> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    state.connections += 1;
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  return sockets;
}

function controls(state: State, server: Server, sockets: ReadonlySet<Socket>, port: number, url: string): FaultyProxy {
  const cutAll = () => {
    for (const socket of sockets) cutConnection(socket);
  };
  const refuse = async () => {
    if (!server.listening) return;
    const closed = once(server, "close");
    server.close();
    cutAll();
    await closed;
  };
  return {
    url,
    requests: state.requests,
    get connections() {
      return state.connections;
    },
    count: (filter = {}) => state.requests.filter((made) => fits(made, filter)).length,
    resetCounts: () => state.requests.splice(0),
    setLatency: (ms) => {
      state.latencyMs = ms;
    },
    inject: (fault, { times = Number.POSITIVE_INFINITY, ...filter } = {}) => {
      state.faults.unshift({ fault, filter, left: times });
    },
    clearFaults: () => {
      state.faults = [];
    },
    refuse,
    accept: async () => {
      if (!server.listening) await once(server.listen(port, "127.0.0.1"), "listening");
    },
    showCertificate: (certificate) => {
      if (!(server instanceof TlsServer)) throw new Error("the proxy serves plain HTTP");
      // Whoever resumed an old session would not look at the certificate: a new context knows none.
      server.setSecureContext({ ...certificate });
      cutAll();
    },
    stop: async () => {
      state.closing.abort();
      await refuse();
      state.agent.destroy();
    },
  };
}

async function pass(state: State, message: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = "", url = "" } = message;
  const made = { method, url, path: url.split("?", 1)[0] ?? "" };
  state.requests.push(made);
  const fault = takeFault(state, made);
  if (state.latencyMs > 0) await sleep(state.latencyMs, undefined, { signal: state.closing.signal });
  if (fault?.kind === "delay") await sleep(fault.ms, undefined, { signal: state.closing.signal });
  if (fault?.kind === "hang") return;
  if (fault?.kind === "reset") {
    cutConnection(message.socket);
  } else if (fault?.kind === "answer") {
    message.resume();
    response.writeHead(fault.status, fault.headers).end(fault.body);
  } else {
    await relay(await forward(state, message, response), response, fault, state.closing.signal);
  }
}

function takeFault(state: State, made: ProxiedRequest): Fault | undefined {
  const found = state.faults.find(({ filter, left }) => left > 0 && fits(made, filter));
  if (found !== undefined) found.left -= 1;
  return found?.fault;
}

function fits(made: ProxiedRequest, { method, path }: RequestFilter): boolean {
  if (method !== undefined && method !== made.method) return false;
  return path === undefined || (typeof path === "string" ? path === made.path : path.test(made.path));
}

async function forward(state: State, message: IncomingMessage, response: ServerResponse): Promise<IncomingMessage> {
  const { hostname, port, protocol } = state.target;
  const send = protocol === "https:" ? tlsRequest : request;
  const { method, url: path } = message;
  const upstream = send({ hostname, port, method, path, headers: passedOn(message), agent: state.agent });
  response.once("close", () => upstream.destroy());
  message.pipe(upstream);
  const [answer] = (await once(upstream, "response")) as [IncomingMessage];
  answer.once("error", () => response.destroy());
  return answer;
}
