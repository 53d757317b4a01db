import { chown, cp, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { type Child, runChild, startChild } from "./child.ts";
import { freePort } from "./free-port.ts";
import { ensureVenv } from "./venv.ts";

/** A real PostgreSQL server of a test's own. */
export interface Postgres {
  readonly host: string;
  readonly port: number;
  /** The superuser, who needs no password on this machine where none was asked for. */
  readonly user: string;
  /** The command line client. */
  readonly psql: string;
  output(): string;
  stop(): Promise<void>;
}

/** PostgreSQL refuses to run as root: then it runs as nobody. */
const NOBODY = 65_534;

interface Place {
  readonly directory: string;
  readonly bin: string;
  readonly asUser: { readonly uid?: number; readonly gid?: number };
}

/**
 * Starts a server on a free port of 127.0.0.1, its data in a temporary directory; with a password, nobody gets in without it.
 * Throws with its output where it does not start.
 */
export async function startPostgres({ password }: { readonly password?: string } = {}): Promise<Postgres> {
  const place = await prepare();
  try {
    const data = join(place.directory, "data");
    const auth = await authFlags(place, password);
    const flags = [...auth, "--username=postgres", "--no-sync", "--no-instructions", "--encoding=UTF8"];
    await runChild({ command: join(place.bin, "initdb"), args: ["-D", data, ...flags, "--locale=C"], ...place.asUser });
    const port = await freePort();
    const child = await startChild({
      name: "PostgreSQL",
      command: join(place.bin, "postgres"),
      args: ["-D", data, "-h", "127.0.0.1", "-p", String(port), "-k", "", "-F"],
      ready: /database system is ready to accept connections/,
      // Quick: it does not wait for clients to go.
      stopSignal: "SIGINT",
      ...place.asUser,
    });
    const psql = join(place.bin, "psql");
    return { host: "127.0.0.1", port, user: "postgres", psql, output: child.output, stop: () => stop(child, place) };
  } catch (error) {
    await rm(place.directory, { recursive: true, force: true });
    throw error;
  }
}

async function authFlags({ directory, asUser }: Place, password: string | undefined): Promise<readonly string[]> {
  if (password === undefined) return ["--auth=trust"];
  const file = join(directory, "password");
  await writeFile(file, `${password}\n`);
  if (asUser.uid !== undefined) await chown(file, NOBODY, NOBODY);
  return ["--auth=scram-sha-256", `--pwfile=${file}`];
}

async function stop(child: Child, { directory }: Place): Promise<void> {
  await child.stop();
  await rm(directory, { recursive: true, force: true });
}

/** As root a copy is made, for nobody may not be let into the directory that holds the environment. */
async function prepare(): Promise<Place> {
  const { postgres } = await ensureVenv();
  const directory = await mkdtemp(join(tmpdir(), "latchkey-postgres-"));
  if (process.getuid?.() !== 0) return { directory, bin: postgres, asUser: {} };
  const install = dirname(postgres);
  const room = dirname(install);
  const copy = join(directory, basename(room));
  await cp(install, join(copy, basename(install)), { recursive: true });
  await cp(`${room}.libs`, `${copy}.libs`, { recursive: true });
  await mkdir(join(directory, "data"));
  for (const path of [directory, join(directory, "data")]) await chown(path, NOBODY, NOBODY);
  return { directory, bin: join(copy, basename(install), "bin"), asUser: { uid: NOBODY, gid: NOBODY } };
}
