import type { Liquid } from "liquidjs";
import { quoteDotenv } from "../dotenv.ts";
import { FormatError } from "../format-error.ts";
import { type PemPart, pemPart } from "../pem.ts";

/** The filters that Latchkey adds: quoting for the places that secrets go to, and the parts of a PEM bundle. */
export function addFilters(liquid: Liquid): void {
  liquid.registerFilter("yaml_quote", (value: unknown) => JSON.stringify(textOf(value)));
  liquid.registerFilter("dotenv_quote", (value: unknown) => quoteDotenv(textOf(value)));
  for (const part of ["cert", "key", "chain"] satisfies PemPart[]) {
    liquid.registerFilter(`pem_${part}`, (value: unknown) => pemPart(textOf(value), part));
  }
}

function textOf(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (value === null || value === undefined) return "";
  throw new FormatError("text is needed");
}
