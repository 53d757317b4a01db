import { compile } from "@jmespath-community/jmespath";
import { FormatError } from "./format-error.ts";
import { functions } from "./jmespath-functions.ts";

/** An expression's tree, as the library builds it. */
export type Expression = ReturnType<typeof compile>;

/** Longest expression, in bytes, and how deep one may nest. */
const most = { bytes: 4_096, depth: 100 };

/** The node types that go-jmespath 0.4.0 knows, without the library's own additions (`let`, arithmetic, ternaries). */
const known: ReadonlySet<string> = new Set<Expression["type"]>([
  ...(["Field", "Subexpression", "Index", "IndexExpression", "Slice", "Current", "Identity", "Literal"] as const),
  ...(["Projection", "ValueProjection", "FilterProjection", "Flatten", "MultiSelectList", "MultiSelectHash"] as const),
  ...(["Comparator", "OrExpression", "AndExpression", "NotExpression", "Pipe", "Function"] as const),
  ...(["ExpressionReference"] as const),
]);

/**
 * Parses a JMESPath expression (https://jmespath.org/specification.html) of at most 4 KiB and 100 levels. Throws
 * `FormatError`, which does not quote it.
 */
export function parseJmesPath(text: string): Expression {
  if (Buffer.byteLength(text) > most.bytes) throw new FormatError(`longer than ${most.bytes} bytes`);
  const expression = compiled(text);
  check(expression);
  return expression;
}

function compiled(text: string): Expression {
  try {
    return compile(withGoQuotes(text));
  } catch {
    throw new FormatError("not a JMESPath expression");
  }
}

/** Whatever is quoted, each to its end; and a quote that has none. */
const quotes = /"(?:[^"\\]|\\[\s\S])*"|`((?:[^`\\]|\\[\s\S])*)`|'((?:[^'\\]|\\'|\\(?!'))*)'|["'`]/g;

/**
 * Go knows one escape in a raw string, `\'`, and one in a literal, the back-quote, as often as it comes. The library also
 * takes two backslashes for one, undoes the first back-quote only, and takes text without an end.
 */
function withGoQuotes(text: string): string {
  return text.replace(quotes, (quote: string, json: string | undefined, raw: string | undefined) => {
    if (quote.length === 1) throw new FormatError("a quote has no end");
    const literal = raw === undefined ? json?.replaceAll("\\`", "`") : JSON.stringify(raw.replaceAll("\\'", "'"));
    return literal === undefined ? quote : `\`${literal.replaceAll("`", "\\u0060")}\``;
  });
}

/** Without recursion: how deep it goes is one of the questions. */
function check(expression: Expression): void {
  const open: [node: unknown, depth: number][] = [[expression, 1]];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [node, depth] = next;
    if (depth > most.depth) throw new FormatError(`nested deeper than ${most.depth} levels`);
    if (isNode(node)) checkNode(node);
    if (isNode(node) && node.type === "Literal") continue;
    if (node !== null && typeof node === "object")
      for (const child of Object.values(node)) open.push([child, depth + 1]);
  }
}

function isNode(value: unknown): value is Expression {
  return value !== null && typeof value === "object" && !Array.isArray(value) && "type" in value;
}

function checkNode(node: Expression): void {
  // A pair of a multi-select hash is no expression of its own.
  if (String(node.type) !== "KeyValuePair" && !known.has(node.type)) throw new FormatError("not part of JMESPath");
  if (node.type === "Function" && !functions.has(node.name)) {
    throw new FormatError(`the function ${JSON.stringify(node.name.slice(0, 64))} does not exist`);
  }
  if (node.type === "Slice" && node.step === 0) throw new FormatError("a slice cannot have the step 0");
}
