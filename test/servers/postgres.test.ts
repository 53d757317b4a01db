import { once } from "node:events";
import { connect } from "node:net";
import { expect, test } from "vitest";
import { startPostgres } from "./postgres.ts";

test("a PostgreSQL server takes connections, and is gone after stop", async () => {
  const postgres = await startPostgres();
  const socket = connect(postgres.port, postgres.host);
  await once(socket, "connect");
  // "Is TLS spoken here?": no (https://www.postgresql.org/docs/current/protocol-message-formats.html, SSLRequest).
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const [answer] = await once(socket, "data");
  expect(String(answer)).toBe("N");
  socket.destroy();
  await postgres.stop();
  const [error] = await once(connect(postgres.port, postgres.host), "error");
  expect(error).toMatchObject({ code: "ECONNREFUSED" });
});
