import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Container, render } from "./rendered.ts";

const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;

const cache = { persistent: true };
const pods = {
  driver: (await render({ cache })).pod,
  provider: (await render({ cache, deliver: "provider" })).pod,
};
type Deliver = keyof typeof pods;

let node: string;
let last: Deliver | undefined;
beforeEach(async () => {
  last = undefined;
  node = await mkdtemp(join(tmpdir(), "lk-node-"));
  await chmod(node, 0o755);
  // As the kubelet makes them.
  for (const path of ["var/run/secrets-store-csi-providers", "run/latchkey"]) {
    await mkdir(join(node, path), { recursive: true, mode: 0o755 });
  }
});
afterEach(() => rm(node, { recursive: true, force: true }));

const directory = () => join(node, "run/latchkey/cache");
const moved = (path: string) => (/^\/(?:run|var)\//.test(path) ? join(node, path) : path);

/** Runs Node as a user without a capability, as the kubelet does; where the tests are not root's, as whoever runs them. */
async function runAs(user: unknown, args: readonly string[], env: NodeJS.ProcessEnv = {}): Promise<void> {
  const command = [process.execPath, ...args] as const;
  const drop = ["--inh-caps=-all", "--bounding-set=-all", "--groups=65532", `--reuid=${user}`, `--regid=${user}`];
  const [file, ...rest] = isRoot ? (["setpriv", ...drop, ...command] as const) : command;
  await run(file, rest, { env: { ...env, PATH: process.env.PATH } });
}

/** Where all users are one, a user that is not the step's own has another number. */
function userFor(step: Container, arg: string): string {
  if (isRoot || !/^(?:0|65532)$/.test(arg)) return arg;
  const own = process.getuid?.() ?? 0;
  if (step.name === "directories") return `${process.getgid?.()}`;
  return `${Number(arg) === step.securityContext.runAsUser ? own : own + 1}`;
}

/** A start of the pod: every init container, then what Latchkey does in its directory. */
async function start(deliver: Deliver): Promise<void> {
  const { initContainers = [], containers } = pods[deliver];
  // Where all users are one, the directory cannot tell whose it is.
  const mayBeOthers = isRoot || last !== deliver;
  for (const step of initContainers.filter(({ name }) => mayBeOthers || name !== "former-cache")) {
    const args = step.args.map((arg) => userFor(step, moved(arg)));
    const env = (step.env ?? []).map(({ name, value = "" }) => [name, moved(value)] as const);
    await runAs(step.securityContext.runAsUser, ["-e", ...args], mayBeOthers ? Object.fromEntries(env) : {});
  }
  last = deliver;
  const keep = `require("node:fs").writeFileSync(${JSON.stringify(join(directory(), deliver))}, "sealed")`;
  await runAs(containers[0].securityContext.runAsUser, ["-e", keep]);
}

const kept = () => ["driver", "provider"].filter((name) => existsSync(join(directory(), name)));

/** Its mode, and whether it belongs to the user of the pod. */
async function ownership(deliver: Deliver) {
  const { mode, uid } = await stat(directory());
  const user = isRoot ? pods[deliver].containers[0].securityContext.runAsUser : process.getuid?.();
  return [(mode & 0o7777).toString(8), uid === user];
}

describe("the cache directory", () => {
  it.each(["driver", "provider"] as const)(
    "is its user's alone, and keeps its content, with deliver=%s",
    async (deliver) => {
      await start(deliver);
      expect(await ownership(deliver)).toEqual(["700", true]);
      await chmod(directory(), 0o755);
      await start(deliver);
      expect([await ownership(deliver), kept()]).toEqual([["700", true], [deliver]]);
    },
  );

  it.each([
    ["driver", "provider"],
    ["provider", "driver"],
  ] as const)("is made anew when deliver=%s becomes %s, and back", async (one, other) => {
    await start(one);
    await start(other);
    expect([await ownership(other), kept()]).toEqual([["700", true], [other]]);
    await start(one);
    expect([await ownership(one), kept()]).toEqual([["700", true], [one]]);
  });
});
