import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type ProductionPackage, productionPackages } from "./production-packages.ts";

// Makes docs/dependencies.md from the lock file. With --check it only compares. Either way it fails for a licence that is
// not allowed.

/**
 * The licences allowed in an Apache-2.0 program that is given away as a bundle. MPL-2.0 asks for the source of its own
 * files, which are unchanged.
 */
const allowed = new Set([
  "Apache-2.0",
  "MIT",
  "ISC",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "0BSD",
  "BlueOak-1.0.0",
  "MPL-2.0",
]);

const path = join(import.meta.dirname, "../docs/dependencies.md");
const packages = await productionPackages();

for (const { name, licences } of packages) {
  if (licences.some((licence) => allowed.has(licence))) continue;
  process.stderr.write(`${name} has the licence ${licences.join(" or ") || "of nobody"}, which is not allowed\n`);
  process.exitCode = 1;
}

const text = page(packages);
if (!process.argv.includes("--check")) {
  await writeFile(path, text);
} else if ((await readFile(path, "utf8")) !== text) {
  process.stderr.write("docs/dependencies.md is stale; run npm run generate\n");
  process.exitCode = 1;
}

function page(all: readonly ProductionPackage[]): string {
  const rows = all.map(({ name, version, licences }) => [`\`${name}\``, version, licences.join(" or ")]);
  const cells = [["package", "version", "licence"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const [head = [], ...body] = cells;
  return `# Dependencies

The production tree of the lock file: the ${all.length} packages that the bundle is made from. The image holds their licences in \`/licenses\`, and this
list as CycloneDX in \`/licenses/sbom.cdx.json\`. Made by \`npm run generate\`; \`npm run check\` holds it current and refuses a licence that is not
allowed.

${line(head)}${line(widths.map((width) => "-".repeat(width)))}${body.map(line).join("")}`;
}
