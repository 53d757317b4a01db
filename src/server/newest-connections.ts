import type { IncomingMessage, Server, ServerResponse } from "node:http";
import type { Socket } from "node:net";

/**
 * Keeps at most so many connections of a server: past that the oldest is closed, of those whose request is not being
 * answered if there are any. Refusing new ones instead would let whoever holds many lock out the kubelet's probes, and
 * have the process restarted.
 */
export function keepNewest(server: Server, most: number): void {
  const open = new Set<Socket>();
  const answering = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => {
      open.delete(socket);
      answering.delete(socket);
    });
    if (open.size > most) closeOldest(open, answering);
  });
  server.on("request", ({ socket }: IncomingMessage, response: ServerResponse) => {
    answering.add(socket);
    response.once("close", () => answering.delete(socket));
  });
}

function closeOldest(open: Set<Socket>, answering: ReadonlySet<Socket>): void {
  const [oldest] = open;
  const idle = [...open].find((socket) => !answering.has(socket));
  const chosen = idle ?? oldest;
  if (chosen === undefined) return;
  open.delete(chosen);
  chosen.destroy();
}
