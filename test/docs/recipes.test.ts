import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runChild } from "../servers/child.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";

let postgres: Postgres;
let directory: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-recipes-"));
  postgres = await startPostgres({ password: "super-one" });
  await sql("CREATE ROLE app LOGIN PASSWORD 'app-one'");
});

afterAll(async () => {
  await postgres?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function sql(text: string): Promise<void> {
  const server = `postgresql://postgres:super-one@${postgres.host}:${postgres.port}/postgres`;
  await runChild({ command: postgres.psql, args: [server, "-c", text] });
}

describe("the recipe for node-postgres", () => {
  it("takes a new password for new connections, and keeps the open ones", async () => {
    const file = join(directory, "password");
    await writeFile(file, "app-one");
    const { host, port } = postgres;
    const password = async () => await readFile(file, "utf8");
    const pool = new pg.Pool({ host, port, user: "app", database: "postgres", password, max: 2 });
    const ended = () => undefined;
    pool.on("error", ended);
    try {
      const open = await pool.connect();
      await sql("ALTER ROLE app PASSWORD 'app-two'");
      await expect(pool.connect()).rejects.toMatchObject({ code: "28P01" });
      await writeFile(file, "app-two");
      const next = await pool.connect();
      for (const each of [open, next]) {
        expect((await each.query("SELECT current_user AS who")).rows).toEqual([{ who: "app" }]);
        each.on("error", ended);
        each.release();
      }
    } finally {
      await pool.end();
    }
  });
});
