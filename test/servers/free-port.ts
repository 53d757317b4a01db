import { randomInt } from "node:crypto";
import { createServer } from "node:net";

/** A port of 127.0.0.1 below the range that the kernel gives to outgoing connections; `also` wants the next one free too. */
export async function freePort(also: "alone" | "withNext" = "alone"): Promise<number> {
  for (;;) {
    const port = 20_000 + 2 * randomInt(6_000);
    if ((await isFree(port)) && (also === "alone" || (await isFree(port + 1)))) return port;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen(port, "127.0.0.1", () => probe.close(() => resolve(true)));
  });
}
