import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { LiquidEngine } from "../../src/formats/liquid/engine.ts";
import { type Postgres, startPostgres } from "../servers/postgres.ts";

const run = promisify(execFile);

/** Everything that means something in a URL, a form, a shell or libpq's own words. */
const password = "p w+%41:@/?#&=;'\"\\$`!*()[]{}|^~é";
const database = "shop db+1%20/é'";

const template =
  "postgres://{{ user | url_encode }}:{{ password | url_encode }}@127.0.0.1:{{ port }}/{{ database | url_encode }}";

let postgres: Postgres;

beforeAll(async () => {
  postgres = await startPostgres({ password });
});

afterAll(async () => {
  await postgres?.stop();
});

/** Returns what psql prints for a query, connected by what the template makes. */
async function query(text: string, values: object, sql: string): Promise<string> {
  const engine = new LiquidEngine();
  const url = engine.render(engine.parse(text), { user: postgres.user, port: postgres.port, ...values });
  const { stdout } = await run(postgres.psql, ["--no-psqlrc", "-At", url, "-c", sql], { env: {} });
  return stdout.trim();
}

describe("a connection string with url_encode", () => {
  it("lets psql in, by a password and to a database with every special character", async () => {
    const quoted = `"${database}"`;
    expect(await query(template, { password, database: "postgres" }, `CREATE DATABASE ${quoted}`)).toBe(
      "CREATE DATABASE",
    );
    expect(await query(template, { password, database }, "SELECT current_database()")).toBe(database);
  });

  it("lets it in by a query's password as well, which libpq does not read as a form", async () => {
    const text = "postgres://{{ user }}@127.0.0.1:{{ port }}/postgres?password={{ password | url_encode }}";
    expect(await query(text, { password }, "SELECT 1")).toBe("1");
  });

  it("does not let it in with form_encode", async () => {
    const text = template.replaceAll("url_encode", "form_encode");
    await expect(query(text, { password, database: "postgres" }, "SELECT 1")).rejects.toThrow(
      "password authentication failed",
    );
  });
});
