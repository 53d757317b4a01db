import { describe, expect, it } from "vitest";
import { warnOnce } from "../../src/node/warn-once.ts";
import { VirtualTime } from "../cache/virtual-time.ts";

function start() {
  const time = new VirtualTime();
  const lines: unknown[][] = [];
  return { time, lines, warn: warnOnce({ warn: (...line: unknown[]) => void lines.push(line) }, time) };
}

describe("warnings of certificate files", () => {
  it("that leave something out come once", async () => {
    const { time, lines, warn } = start();
    for (let count = 0; count < 3; count += 1) {
      warn("the CA file /ca.pem: certificate 2 cannot be read");
      await time.advance(120_000);
    }
    expect(lines).toEqual([
      [{ ca: "the CA file /ca.pem: certificate 2 cannot be read" }, "a CA certificate cannot be read"],
    ]);
  });

  it("of files that can no longer be read come once a minute, as long as that lasts", async () => {
    const { time, lines, warn } = start();
    for (let second = 0; second < 150; second += 1) {
      warn("the CA file /ca.pem cannot be read (ENOENT)", "kept");
      await time.advance(1_000);
    }
    const line = [
      { files: "the CA file /ca.pem cannot be read (ENOENT)" },
      "TLS files cannot be read, the last good ones are used",
    ];
    expect(lines).toEqual([line, line, line]);
    warn("another", "kept");
    expect(lines).toHaveLength(4);
  });
});
