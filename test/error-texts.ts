import { parseAst } from "vitest/node";

/** One text of an error in the sources. `…` stands for what is put in when the program runs. */
export interface ErrorText {
  /** The error that has it; `fix` for one that stands apart from its message. */
  readonly kind: "ProviderError" | "FormatError" | "ConfigError" | "fix";
  /** `src/a.ts:12`. */
  readonly where: string;
  /** Undefined where the program puts it together elsewhere. */
  readonly message?: string | undefined;
  /** True where there is one that is put together elsewhere. */
  readonly fix?: string | true | undefined;
  /** The code that is put into the message as it is, and not by a function. */
  readonly bare: readonly string[];
}

interface Node {
  readonly type: string;
  readonly start: number;
  readonly [field: string]: unknown;
}

/** Finds the texts of errors in a TypeScript source: of those that are made, and of problems that are noted. */
export function errorTextsOf(name: string, source: string): readonly ErrorText[] {
  const found: ErrorText[] = [];
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const node = value as Node;
    const where = `${name}:${source.slice(0, node.start ?? 0).split("\n").length}`;
    const bare = bareIn(messageOf(node), source);
    for (const text of textsOfNode(node)) found.push({ ...text, where, bare });
    for (const inner of Object.values(node)) visit(inner);
  };
  visit(parseAst(source, { lang: "ts" }).body);
  return found;
}

type Found = Omit<ErrorText, "where" | "bare">;

function textsOfNode(node: Node): readonly Found[] {
  const [, second, third, fourth] = argumentsOf(node);
  const message = messageOf(node);
  switch (madeBy(node)) {
    case "ProviderError":
      return allOf("ProviderError", message, fixesIn(third));
    case "FormatError":
      return allOf("FormatError", message, fixesOf(third));
    case "ConfigError":
      return allOf("ConfigError", message, [undefined]);
    case "add":
    case "addHere":
      return allOf("ProviderError", message, fixesOf(fourth));
    default:
      return second === undefined ? fixOf(node) : [];
  }
}

function argumentsOf(node: Node): readonly Node[] {
  return (node.arguments ?? []) as readonly Node[];
}

/** The class of an error that is made, or the function by which a problem is noted: `add`, `addHere`. */
function madeBy(node: Node): unknown {
  const callee = node.callee as Node | undefined;
  if (node.type === "NewExpression") return callee?.name;
  const isNoted =
    node.type === "CallExpression" && argumentsOf(node).some(({ value }) => /^LK\d{4}$/.test(String(value)));
  return isNoted ? (callee?.name ?? (callee?.property as Node | undefined)?.name) : undefined;
}

function messageOf(node: Node): Node | undefined {
  const at: Readonly<Record<string, number>> = { ProviderError: 1, FormatError: 0, ConfigError: 0, add: 2, addHere: 2 };
  const index = at[String(madeBy(node))];
  return index === undefined ? undefined : argumentsOf(node)[index];
}

function bareIn(message: Node | undefined, source: string): readonly string[] {
  const holes = message?.type === "TemplateLiteral" ? (message.expressions as readonly (Node & { end: number })[]) : [];
  return holes.filter(({ type }) => type !== "CallExpression").map(({ start, end }) => source.slice(start, end));
}

function fixOf(node: Node): readonly Found[] {
  const key = (node.key as Node | undefined)?.name;
  if (node.type === "Property" && key === "fix") {
    return textsOf(node.value as Node).flatMap((fix) => (fix === undefined ? [] : [{ kind: "fix" as const, fix }]));
  }
  return [];
}

function allOf(kind: ErrorText["kind"], message: Node | undefined, fixes: readonly ErrorText["fix"][]) {
  return textsOf(message).flatMap((text) => fixes.map((fix) => ({ kind, message: text, fix })));
}

/** The `fix` of an error's details; details that come from elsewhere have one of their own. */
function fixesIn(details: Node | undefined): readonly ErrorText["fix"][] {
  if (details === undefined) return [undefined];
  if (details.type !== "ObjectExpression") return [true];
  const properties = details.properties as readonly Node[];
  const fix = properties.find((each) => (each.key as Node | undefined)?.name === "fix");
  if (fix !== undefined) return fixesOf(fix.value as Node);
  return [properties.some(({ type }) => type === "SpreadElement") ? true : undefined];
}

function fixesOf(node: Node | undefined): readonly ErrorText["fix"][] {
  return node === undefined ? [undefined] : textsOf(node).map((text) => text ?? true);
}

/** Every text that an expression can be; undefined for what only a run can tell. */
function textsOf(node: Node | undefined): readonly (string | undefined)[] {
  switch (node?.type) {
    case "Literal":
      return [typeof node.value === "string" ? node.value : undefined];
    case "TemplateLiteral": {
      const quasis = node.quasis as readonly { readonly value: { readonly cooked: string } }[];
      return [quasis.map(({ value }) => value.cooked).join("…")];
    }
    case "ConditionalExpression":
      return [...textsOf(node.consequent as Node), ...textsOf(node.alternate as Node)];
    case "LogicalExpression":
      return [...textsOf(node.left as Node), ...textsOf(node.right as Node)];
    case "BinaryExpression": {
      const right = textsOf(node.right as Node);
      return textsOf(node.left as Node).flatMap((left) => right.map((each) => `${left ?? "…"}${each ?? "…"}`));
    }
    default:
      return [undefined];
  }
}
