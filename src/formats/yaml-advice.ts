import { FormatError } from "./format-error.ts";
import { isEmptyValue, opensBlock, type YamlAdvice, type YamlLine, yamlLine } from "./yaml-lines.ts";
import { openedAt } from "./yaml-open-ends.ts";
import { isYamlProblem } from "./yaml-tokens.ts";

/**
 * A parser's error in the words of a person, at the line that has to be changed: a tab, a line that is indented too far or too
 * little, a blank that is missing, a quote that is not closed. Gives the error itself where the lines around it look right.
 * The words hold keys of the text, so this is for text that is not secret.
 */
export function adviseYaml(source: string, error: FormatError): FormatError {
  const { line } = error.position;
  if (line === undefined || !isYamlProblem(error.problem)) return error;
  const advice = firstMistake(source.split(/\r?\n/), line);
  if (advice === undefined) return error;
  return new FormatError(advice.problem, { line: advice.line, column: advice.column }, advice.fix);
}

/** The first mistake; what is far from where the parser stopped is not what it stopped at. */
function firstMistake(lines: readonly string[], stoppedAt: number): YamlAdvice | undefined {
  const walk = new Walk();
  for (const [index, text] of lines.slice(0, stoppedAt + 1).entries()) {
    const advice = walk.read(text, index + 1);
    if (advice !== undefined && advice.line >= stoppedAt - 1) return advice;
  }
  return openedAt(lines, stoppedAt);
}

/** A map or list that lines can go on with. Columns are 0-based. */
interface Level {
  readonly kind: "map" | "list";
  readonly column: number;
  /** Of its latest entry. */
  key: string | undefined;
}

/** A block of text that lines belong to. */
interface Block {
  /** The indentation that its lines must exceed. */
  readonly above: number;
  /** The line that opens it. */
  readonly opener: string;
  /** Of its first line of text. */
  indent: number | undefined;
}

/** Walks over lines and knows what may follow. */
class Walk {
  readonly #levels: Level[] = [];
  #block: Block | undefined;
  /** Whether the line before lets a deeper one follow. */
  #isOpen = true;

  read(text: string, number: number): YamlAdvice | undefined {
    if (/^(?:---|\.\.\.)/.test(text)) this.#start();
    if (text.trim() === "") return undefined;
    const indent = text.search(/[^ ]/);
    const inside = this.#inBlock(text, indent, number);
    if (inside !== undefined) return inside === "text" ? undefined : inside;
    const line = yamlLine(text, number);
    if (line === undefined) return undefined;
    return mistakeInLine(line) ?? this.#place(line);
  }

  #start(): void {
    this.#levels.length = 0;
    this.#block = undefined;
    this.#isOpen = true;
  }

  /** `text`: the line belongs to a block of text; undefined: it does not. */
  #inBlock(text: string, indent: number, number: number): "text" | YamlAdvice | undefined {
    const block = this.#block;
    if (block === undefined) return undefined;
    if (indent > block.above) {
      block.indent ??= indent;
      if (indent >= block.indent) return "text";
      if (text[indent] === "#") return undefined;
      const problem = `this line is further left than the text below ${shown(block.opener)}`;
      return adviceAt(number, indent, problem, `indent it by ${spaces(block.indent - indent)} more, like that text`);
    }
    this.#block = undefined;
    this.#isOpen = false;
    const isList = block.indent === undefined && /^-(?:\s|$)/.test(text.slice(indent));
    if (!isList || indent < block.above) return undefined;
    const problem = `this list must be indented below ${shown(block.opener)}`;
    return adviceAt(number, indent, problem, `indent it by ${spaces(block.above + 2 - indent)} more`);
  }

  /** Where a line goes among the levels that are open. */
  #place(line: YamlLine): YamlAdvice | undefined {
    const { dashes, column, key, rest } = line;
    const first = dashes[0] ?? column;
    // The rest of a text of several lines.
    if (dashes.length === 0 && key === undefined) return undefined;
    const left: Level[] = [];
    for (let top = this.#levels.at(-1); top !== undefined && top.column > first; top = this.#levels.at(-1)) {
      left.push(top);
      this.#levels.pop();
    }
    const advice = this.#fit(line, first, left.at(-1));
    for (const dash of dashes) this.#enter("list", dash, undefined);
    if (key !== undefined) this.#enter("map", column, key);
    const value = key === undefined ? rest : line.value;
    this.#isOpen = isEmptyValue(value);
    if (opensBlock(value)) {
      const above = key === undefined ? (dashes.at(-1) ?? 0) : column;
      this.#block = { above, opener: rest.replace(/\s+#.*$/, ""), indent: undefined };
    }
    return advice;
  }

  /** Complains about a line that starts at the wrong column; `left` is the level that it leaves, if it leaves one. */
  #fit({ dashes, key, number }: YamlLine, first: number, left: Level | undefined): YamlAdvice | undefined {
    const top = this.#levels.at(-1);
    const name = dashes.length > 0 ? "this list entry" : shown(key);
    const at = (problem: string, fix: string) => adviceAt(number, first, problem, fix);
    if (top === undefined)
      return left === undefined ? undefined : at(further(name, left.column - first, "left", left), alike);
    if (top.column === first) {
      if (dashes.length > 0 || top.kind === "map") return undefined;
      const below = this.#levels.at(-2);
      if (below?.column === first) {
        this.#levels.pop();
        return undefined;
      }
      return at(`${name} is aligned with the \`-\`, not with what follows it`, "indent it like the key after the `-`");
    }
    if (left !== undefined) return at(further(name, left.column - first, "left", left), alike);
    if (this.#isOpen) return undefined;
    return at(further(name, first - top.column, "right", top), alike);
  }

  #enter(kind: Level["kind"], column: number, key: string | undefined): void {
    const top = this.#levels.at(-1);
    if (top?.column === column && top.kind === kind) top.key = key;
    else this.#levels.push({ kind, column, key });
  }
}

const alike = "indent both alike";

/** Counted from where the line is: in a file the text stands further right than the parser sees it. */
function spaces(count: number): string {
  return `${count} space${count === 1 ? "" : "s"}`;
}

function further(name: string, columns: number, where: "left" | "right", than: Level): string {
  const count = `${columns} column${columns === 1 ? "" : "s"}`;
  return `${name} is ${count} further ${where} than ${than.key === undefined ? "the list" : shown(than.key)} above it`;
}

/** Finds a mistake that the line alone shows. */
function mistakeInLine({ lead, number, column, rest, key }: YamlLine): YamlAdvice | undefined {
  const tab = lead.indexOf("\t");
  if (tab >= 0) return adviceAt(number, tab, "a tab indents this line", "use spaces");
  if (/^-[A-Za-z_"'][^:]*:(?:\s|$)/.test(rest)) {
    return adviceAt(number, column, "a space is missing after the `-`", "write `- ` before the entry");
  }
  if (key !== undefined || !/^[A-Za-z_][\w.-]*:[^\s:/]/.test(rest)) return undefined;
  return adviceAt(number, column + rest.indexOf(":"), "a space is missing after the `:`", "write `key: value`");
}

function adviceAt(line: number, column: number, problem: string, fix: string): YamlAdvice {
  return { line, column: column + 1, problem, fix };
}

/** A key as messages show it; text that could be anything is not shown. */
function shown(key: string | undefined): string {
  return key !== undefined && /^[-\w./"': |>+]{1,64}$/.test(key) ? `\`${key}\`` : "this line";
}
