import { Liquid, type Template } from "liquidjs";
import { nearest } from "../../nearest.ts";
import { FormatError } from "../format-error.ts";
import { addFilters } from "./filters.ts";

/** Longest template, in characters. */
const longest = 65_536;

/** Longest tag or output, in characters: what the library does for one grows with the square of it. */
const longestTag = 2_048;

/** Longest that one takes, in milliseconds, unless the caller says otherwise. */
const longestRender = 1_000;

/** The tags that a template may use: none reads files, includes anything or has state beyond the template's text. */
const tags: ReadonlySet<string> = new Set(
  "assign capture case comment if for unless break continue cycle raw echo #".split(" "),
);

/** Functions of their input alone: no clock, no randomness, nothing that evaluates text. */
const filters: ReadonlySet<string> = new Set(
  [
    "escape escape_once xml_escape newline_to_br strip_html url_encode url_decode cgi_escape uri_escape slugify",
    "abs at_least at_most ceil divided_by floor minus plus modulo times round to_integer",
    "join last first reverse sort sort_natural size map sum compact concat push unshift pop shift slice uniq where",
    "append prepend lstrip rstrip strip strip_newlines squish downcase upcase capitalize remove remove_first remove_last",
    "replace replace_first replace_last split truncate truncatewords normalize_whitespace number_of_words",
    "array_to_sentence_string base64_encode base64_decode sha256 default json raw",
  ].flatMap((line) => line.split(" ")),
);

/** A template that can be rendered, and the names that it looks up. */
export interface ParsedTemplate {
  readonly template: readonly Template[];
  readonly names: readonly string[];
}

/** Reads and renders Liquid (https://shopify.github.io/liquid/) with nothing in reach but the values that it is given. */
export class LiquidEngine {
  readonly #liquid: Liquid;

  constructor() {
    this.#liquid = new Liquid({
      strictFilters: true,
      strictVariables: true,
      lenientIf: true,
      ownPropertyOnly: true,
      relativeReference: false,
      templates: {},
      parseLimit: longest,
      // Characters and items that it makes: with more, single calls took 300 MiB outside of what the heap's limit sees.
      memoryLimit: 10_000_000,
    });
    for (const name of Object.keys(this.#liquid.tags)) if (!tags.has(name)) delete this.#liquid.tags[name];
    for (const name of Object.keys(this.#liquid.filters)) if (!filters.has(name)) delete this.#liquid.filters[name];
    addFilters(this.#liquid);
  }

  /** Throws `FormatError` for what is no template, or does what none may. */
  parse(text: string): ParsedTemplate {
    if (text.length > longest) throw new FormatError(`longer than ${longest} characters`);
    checkTags(text);
    try {
      const template = this.#liquid.parse(text);
      return { template, names: this.#liquid.globalVariablesSync(template) };
    } catch (thrown) {
      throw toFormatError(thrown, Object.keys(this.#liquid.filters));
    }
  }

  /** Throws `FormatError`, which quotes the template and never a value, also for one that takes longer than `longestMs`. */
  render({ template }: ParsedTemplate, values: object, longestMs = longestRender): string {
    try {
      return this.#liquid.renderSync([...template], values, { renderLimit: longestMs });
    } catch (thrown) {
      throw toFormatError(thrown);
    }
  }
}

/** Throws `FormatError` for a tag or an output that is too long, or that does not end for so long. */
function checkTags(text: string): void {
  let from = 0;
  for (const { 1: kind, index } of text.matchAll(/\{([{%])/g)) {
    if (index < from) continue;
    const end = text.indexOf(kind === "{" ? "}}" : "%}", index);
    if ((end < 0 ? text.length : end) - index > longestTag) {
      const line = text.slice(0, index).split("\n").length;
      throw new FormatError(`a tag or an output is longer than ${longestTag} characters`, { line });
    }
    from = end < 0 ? text.length : end;
  }
}

/** The library's first line says what is wrong in the template's own words; anything else could hold a value. */
const told =
  /^(?:undefined (?:variable|filter): [^,\n]{1,200}|tag "?[^\n"]{1,100}"? not (?:closed|found)|tag [^\n]{1,100} not closed|output [^\n]{1,100} not closed|unexpected [^\n]{1,100}|expected [^\n]{1,100})/;
const place = /, line:(\d+), col:(\d+)/;

/** Returns the problem that one of our own filters reports, which quotes no value. */
function filterProblem(thrown: unknown): string | undefined {
  const { originalError } = thrown as { readonly originalError?: unknown };
  return originalError instanceof FormatError ? originalError.problem : undefined;
}

/** The filter that is meant, or all that there are. */
function filterFix(message: string, known: readonly string[]): string | undefined {
  const name = /^undefined filter: ([^,\s]{1,200})/.exec(message)?.[1];
  if (name === undefined || known.length === 0) return undefined;
  const near = nearest(name, known);
  return near === undefined ? `there are ${[...known].sort().join(", ")}` : `did you mean ${near}?`;
}

function toFormatError(thrown: unknown, known: readonly string[] = []): FormatError {
  const message = thrown instanceof Error ? thrown.message : "";
  const [, line, column] = place.exec(message) ?? [];
  const at = line === undefined ? {} : { line: Number(line), column: Number(column) };
  const limit = /limit exceeded/.test(message) ? "it takes too much work" : undefined;
  return new FormatError(
    limit ?? filterProblem(thrown) ?? told.exec(message.replace(place, ""))?.[0] ?? "it cannot be rendered",
    at,
    filterFix(message, known),
  );
}
