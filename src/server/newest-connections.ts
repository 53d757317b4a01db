import type { Server } from "node:http";
import type { Socket } from "node:net";

/**
 * Keeps at most so many connections of a server: past that the oldest is closed. Refusing new ones instead would let
 * whoever holds many lock out the kubelet's probes, and have the process restarted.
 */
export function keepNewest(server: Server, most: number): void {
  const open = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    open.add(socket);
    socket.once("close", () => open.delete(socket));
    const [oldest] = open;
    if (open.size <= most || oldest === undefined) return;
    open.delete(oldest);
    oldest.destroy();
  });
}
