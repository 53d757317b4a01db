import { mkdir, stat } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { dirname } from "node:path";
import * as z from "zod";
import type { About, Listed } from "../cache/entries.ts";
import { publishSocket, SocketError, withdrawSocket } from "./socket.ts";

/** The operations on the cache that an operator can ask for. */
export interface CacheControl {
  list(): readonly Listed[];
  drop(which: (about: About) => boolean): Promise<number>;
  expire(which: (about: About) => boolean): number;
}

/** Which entries are meant: those that fit everything that is given; `{}` means all. */
const selection = z.strictObject({
  namespace: z.string().optional(),
  serviceAccount: z.string().optional(),
  store: z.string().optional(),
  name: z.string().optional(),
  place: z.string().optional(),
});

/** Parsed form of what `POST /cache/drop` and `POST /cache/expire` take. */
export type CacheSelection = z.infer<typeof selection>;

/** Largest body that is read. */
const mostBytes = 16 * 1024;

/**
 * Serves `GET /cache`, `POST /cache/drop` and `POST /cache/expire` on a Unix socket of mode 0600 in a directory that is private to this user
 * (made where it is missing). Throws `SocketError` where that cannot be had.
 */
export async function serveControl(path: string, cache: CacheControl): Promise<{ close(): Promise<void> }> {
  await checkPrivate(dirname(path));
  const { createServer } = await import("node:http");
  const server = createServer((request, response) => {
    answer(request, cache).then(
      (body) => send(response, 200, body),
      () => send(response, 400, { error: "the request is not understood" }),
    );
  });
  const file = await publishSocket(path, (temporary) => {
    return new Promise((resolve, reject) => {
      server.once("error", reject);
      server.listen(temporary, resolve);
    });
  });
  return {
    async close() {
      await withdrawSocket(file);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function checkPrivate(directory: string): Promise<void> {
  const { mode, uid } = await made(directory);
  if ((mode & 0o077) === 0 && uid === process.getuid?.()) return;
  throw new SocketError(`${directory}: others can reach it; give --admin-socket its own directory of mode 0700`);
}

async function made(directory: string) {
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    return await stat(directory);
  } catch (error) {
    const { code, name } = error as NodeJS.ErrnoException;
    const fix = "give --admin-socket another directory";
    throw new SocketError(`${directory}: cannot be made or read (${code ?? name}); ${fix}`);
  }
}

async function answer(request: IncomingMessage, cache: CacheControl): Promise<unknown> {
  if (request.method === "GET" && request.url === "/cache") return { entries: cache.list() };
  if (request.method !== "POST" || !isOperation(request.url)) throw new Error("unknown");
  const wanted = selection.parse(JSON.parse(await readBody(request)));
  const which = (about: About) => fits(about, wanted);
  return request.url === "/cache/expire" ? { expired: cache.expire(which) } : { dropped: await cache.drop(which) };
}

function isOperation(url: string | undefined): boolean {
  return url === "/cache/drop" || url === "/cache/expire";
}

function fits(about: About, wanted: CacheSelection): boolean {
  const given = Object.entries(wanted) as readonly [keyof CacheSelection, string][];
  return given.every(([field, value]) => about[field] === value);
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) throw new Error("too large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(`${JSON.stringify(body)}\n`);
}
