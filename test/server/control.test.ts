import { describe, expect, it } from "vitest";
import { serveControl } from "../../src/server/control.ts";
import { SocketError } from "../../src/server/socket.ts";

describe("the socket for operators", () => {
  it("says why its directory cannot be had", async () => {
    const cache = { list: () => [], drop: async () => 0, expire: () => 0 };
    const failed = await serveControl("/dev/null/admin/x.sock", cache).catch((error: unknown) => error);
    expect(failed).toEqual(
      new SocketError("/dev/null/admin: cannot be made or read (ENOTDIR); give --admin-socket another directory"),
    );
  });
});
