import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { describe, expect, it, onTestFinished } from "vitest";
import { Progress } from "../../src/cli/progress.ts";
import { bundle } from "../bundle.ts";
import { VirtualTime } from "../cache/virtual-time.ts";
import { classOf } from "../lint/lint-of.ts";
import { createTokenIssuer } from "../tokens.ts";
import { run } from "./run.ts";

/** A terminal that remembers what was written. */
function terminal(isTTY = true, columns = 40) {
  const written: string[] = [];
  return { isTTY, columns, written, write: (line: string) => written.push(line) };
}

const clear = "\r\u001b[K";

describe("progress", () => {
  it("is shown after a second, each second again, and gone when the work is done", async () => {
    const [screen, clock] = [terminal(), new VirtualTime()];
    const { promise, resolve } = Promise.withResolvers<number>();
    const waiting = new Progress(screen, clock).during("waiting for vault", () => promise);
    await clock.advance(999);
    expect(screen.written).toEqual([]);
    await clock.advance(1_001);
    expect(screen.written).toEqual([`${clear}waiting for vault (1 s)`, `${clear}waiting for vault (2 s)`]);
    resolve(7);
    expect(await waiting).toBe(7);
    expect(screen.written.slice(2)).toEqual([clear]);
    expect(clock.timers).toBe(0);
  });

  it("is gone when the work fails, and says nothing of work that is done within a second", async () => {
    const [screen, clock] = [terminal(), new VirtualTime()];
    const { promise, reject } = Promise.withResolvers<never>();
    const waiting = new Progress(screen, clock).during("waiting", () => promise);
    await clock.advance(1_500);
    reject(new Error("no"));
    await expect(waiting).rejects.toThrow("no");
    expect(screen.written).toEqual([`${clear}waiting (1 s)`, clear]);
    const quick = terminal();
    await new Progress(quick, clock).during("waiting", async () => 1);
    expect(quick.written).toEqual([]);
  });

  it("of work without pauses is shown by the work's own words, ten times a second at most", async () => {
    const [screen, clock] = [terminal(), new VirtualTime()];
    const progress = new Progress(screen, clock);
    progress.say("file 1");
    await clock.advance(1_000);
    progress.say("file 2");
    await clock.advance(50);
    progress.say("file 3");
    await clock.advance(50);
    progress.say("file 4");
    progress.end();
    progress.end();
    expect(screen.written).toEqual([`${clear}file 2 (1 s)`, `${clear}file 4 (1 s)`, clear]);
  });

  it("fits into one line, and nothing in it steers the terminal", async () => {
    const [screen, clock] = [terminal(true, 20), new VirtualTime()];
    const progress = new Progress(screen, clock);
    await clock.advance(1_000);
    progress.say("checking \u001b[31m/a/very/long/name.yaml");
    expect(screen.written).toEqual([`${clear}checking ?[31m (1 s)`]);
  });

  it("says once to somebody at the terminal what they have to do", async () => {
    const [screen, clock, pipe] = [terminal(), new VirtualTime(), terminal(false)];
    await new Progress(screen, clock).hint("type", () => clock.advance(5_000));
    await new Progress(screen, clock).hint("nothing", () => clock.advance(900));
    await new Progress(pipe, clock).hint("nothing", () => clock.advance(5_000));
    expect([screen.written, pipe.written, clock.timers]).toEqual([["type\n"], [], 0]);
  });

  it("takes 80 columns where a terminal does not know its width", async () => {
    const [screen, clock] = [terminal(true, 0), new VirtualTime()];
    await new Progress(screen, clock).during("x".repeat(100), () => clock.advance(1_000));
    expect(screen.written).toEqual([`${clear}${"x".repeat(74)} (1 s)`, clear]);
  });

  it("is not shown where there is no terminal", async () => {
    const [screen, clock] = [terminal(false), new VirtualTime()];
    const progress = new Progress(screen, clock);
    await clock.advance(5_000);
    progress.say("file");
    await progress.during("waiting", () => clock.advance(5_000));
    expect(screen.written).toEqual([]);
  });
});

const python = "import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/** Runs the program on a terminal of its own; gives the exit code and all that was on the screen. */
async function onTerminal(args: readonly string[], env: NodeJS.ProcessEnv = {}, typed?: string) {
  const command = ["-c", python, process.execPath, bundle, ...args];
  const child = spawn("python3", command, {
    env: { ...env, PATH: process.env.PATH },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const { promise, resolve } = Promise.withResolvers<number | null>();
  child.once("close", resolve);
  const screen = text(
    child.stdout.on("data", (chunk: Buffer) => {
      // Who is at the terminal answers when something is said.
      if (typed !== undefined && chunk.includes("waiting")) child.stdin.write(typed);
    }),
  );
  const answer = { code: await promise, screen: await screen };
  child.stdin.destroy();
  return answer;
}

describe("on a terminal", () => {
  it("latchkey mount says which store it waits for, and in a pipe nothing", async () => {
    const silent = createServer().listen(0, "127.0.0.1");
    await once(silent, "listening");
    const { port } = silent.address() as AddressInfo;
    const issuer = await createTokenIssuer();
    const T = await issuer.token({ namespace: "shop", serviceAccount: "web", audience: ["vault"] });
    const directory = await mkdtemp(join(tmpdir(), "latchkey-progress-"));
    onTestFinished(async () => {
      silent.close();
      await rm(directory, { recursive: true });
    });
    const file = join(directory, "a.yaml");
    await writeFile(
      file,
      classOf("vault", {
        roleName: "r",
        vaultAddress: `http://127.0.0.1:${port}`,
        objects: "- { objectName: a, secretPath: secret/data/a }\n#\n",
      }),
    );
    const who = ["--namespace", "shop", "--service-account", "web", "--target", join(directory, "out")];
    const args = [
      "mount",
      file,
      ...who,
      "--token-env",
      "T",
      "--allow-address",
      "127.0.0.1",
      "--mount-timeout",
      "2500ms",
    ];
    const shown = await onTerminal(args, { T });
    expect([shown.code, shown.screen]).toEqual([
      1,
      expect.stringContaining(`waiting for http://127.0.0.1:${port} (1 s)`),
    ]);
    expect(shown.screen).toContain(`${clear}latchkey: LK`);
    const piped = await run(args, { env: { T } });
    expect([piped.code, piped.stdout, piped.stderr]).toEqual([
      1,
      "",
      expect.stringMatching(/^latchkey: LK\d{4} .*\n$/),
    ]);
  }, 30_000);

  it("a command that reads standard input says so, and how to end it", async () => {
    for (const command of ["lint", "convert"]) {
      const { code, screen } = await onTerminal([command, "-"], {}, "a: b\n\u0004");
      expect(screen).toContain("waiting for YAML on standard input; end it with Ctrl-D\r\n");
      expect([1, 2]).toContain(code);
    }
  }, 30_000);
});
