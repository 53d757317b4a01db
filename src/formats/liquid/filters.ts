import type { Liquid } from "liquidjs";
import { type DotenvReader, dotenvReaders, quoteDotenv } from "../dotenv.ts";
import { FormatError } from "../format-error.ts";
import { type PemPart, pemPart } from "../pem.ts";
import { escapePropertyValue } from "../properties.ts";
import { decodeForm, decodeUrl, encodeForm, encodeUrl } from "../url-text.ts";
import { quoteYaml } from "../write-yaml.ts";

/** Filters from text to text that Latchkey adds: quoting for the places that secrets go to, and the parts of a PEM bundle. */
const texts: ReadonlyMap<string, (text: string) => string> = new Map([
  // Liquid's own write a space as `+`, which only forms read as a space: in a connection string it stays a plus.
  ["url_encode", encodeUrl],
  ["url_decode", decodeUrl],
  ["form_encode", encodeForm],
  ["form_decode", decodeForm],
  ["yaml_quote", quoteYaml],
  ["properties_escape", escapePropertyValue],
]);

/** Adds Latchkey's own filters to Liquid's. */
export function addFilters(liquid: Liquid): void {
  for (const [name, filter] of texts) liquid.registerFilter(name, (value: unknown) => filter(textOf(value)));
  liquid.registerFilter("dotenv_quote", (value: unknown, reader?: unknown) =>
    quoteDotenv(textOf(value), readerOf(reader)),
  );
  for (const part of ["cert", "key", "chain"] satisfies PemPart[]) {
    liquid.registerFilter(`pem_${part}`, (value: unknown) => pemPart(textOf(value), part));
  }
}

function readerOf(name: unknown): DotenvReader | undefined {
  const reader = dotenvReaders.find((known) => known === name);
  if (reader !== undefined || name === undefined) return reader;
  throw new FormatError(`dotenv_quote takes one of the readers ${dotenvReaders.join(", ")}`);
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return "";
  throw new FormatError("text is needed");
}
