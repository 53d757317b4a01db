import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";

/** Ends a connection at once: by a TCP reset where the socket is a plain one, without TLS's farewell otherwise. */
export function cutConnection(socket: Socket | null): void {
  if (socket instanceof TLSSocket) socket.destroy();
  else socket?.resetAndDestroy();
}
