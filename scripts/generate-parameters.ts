import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { schemaStores } from "../src/cli/schema-stores.ts";
import { dialectNames } from "../src/dialects/index.ts";
import { parametersSchema } from "../src/lint/schema/class-schema.ts";
import { parametersPage } from "../src/lint/schema/parameters-page.ts";

// Makes docs/parameters.md from the schemas. With --check it only compares, and fails when they differ.

const path = join(import.meta.dirname, "../docs/parameters.md");
const stores = schemaStores();
const schemas = await Promise.all(
  dialectNames.map(async (name) => [name, await parametersSchema(stores, name)] as const),
);
const page = parametersPage(schemas);

if (!process.argv.includes("--check")) {
  await writeFile(path, page);
} else if ((await readFile(path, "utf8")) !== page) {
  process.stderr.write("docs/parameters.md is stale; run npm run generate\n");
  process.exitCode = 1;
}
