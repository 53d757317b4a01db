/** Something that a person would find wrong with a line; `line` and `column` are 1-based. */
export interface YamlAdvice {
  readonly problem: string;
  readonly fix: string;
  readonly line: number;
  readonly column: number;
}

/** One line of YAML in block style, as far as its indentation tells. Columns are 0-based. */
export interface YamlLine {
  /** 1-based. */
  readonly number: number;
  /** The blanks before the text; a tab among them is a mistake. */
  readonly lead: string;
  /** The columns of the dashes. */
  readonly dashes: readonly number[];
  /** Where the text behind the dashes starts. */
  readonly column: number;
  /** The text behind the dashes. */
  readonly rest: string;
  /** The key that the line starts with. */
  readonly key: string | undefined;
  /** The text after the key, or all of `rest` if there is no key. */
  readonly value: string;
}

/** Takes a line apart; undefined for one that is empty, a comment or a marker of documents. Very long lines are cut off. */
export function yamlLine(source: string, number: number): YamlLine | undefined {
  const text = source.slice(0, longest);
  if (/^(?:[ \t]*(?:#.*)?|---.*|\.\.\..*|%.*)$/.test(text)) return undefined;
  const lead = /^[ \t]*/.exec(text)?.[0] ?? "";
  const dashes: number[] = [];
  let column = lead.length;
  for (let dash = dashAt(text, column); dash !== undefined; dash = dashAt(text, column)) {
    dashes.push(column);
    column += dash;
  }
  const rest = text.slice(column).trimEnd();
  const [whole, key, value = ""] = keyForm.exec(rest) ?? [];
  return { number, lead, dashes, column, rest, key, value: whole === undefined ? rest : value };
}

/** The patterns below take time by the square of what they read. */
const longest = 1024;

/** A key, plain or in quotes; a plain one can hold colons that no blank follows. */
const keyForm = /^((?:[^\s"'#[\]{},&*!|>%@`]|[-?:](?=\S))(?:[^:#]|:(?=\S))*?|"[^"]*"|'[^']*')\s*:(?:\s+(.*))?$/;

/** The length of a dash with its blanks; undefined where there is none. */
function dashAt(text: string, column: number): number | undefined {
  const [dash] = /^-(?: +|$)/.exec(text.slice(column)) ?? [];
  return dash?.length;
}

/** Whether a value is the start of a block of text (`|`, `>`), whose lines follow. */
export function opensBlock(value: string): boolean {
  return /^(?:[&!]\S*\s+)*[|>][-+0-9]{0,2}(?:\s+#.*)?$/.test(value);
}

/** Whether nothing stands there but a comment, an anchor or a tag. */
export function isEmptyValue(value: string): boolean {
  return /^(?:[&!]\S*)?\s*(?:#.*)?$/.test(value);
}
