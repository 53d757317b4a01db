import { stripVTControlCharacters, styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Writes lines to the terminal: in colour on a terminal only, and never where NO_COLOR is set. */
export interface Screen {
  title(text: string): void;
  /** Begins the next numbered part. */
  part(text: string): void;
  line(text?: string): void;
  /** A fact that the demo has checked. */
  checked(text: string): void;
  /** An error as a pod's event shows it. */
  failed(code: string, message: string): void;
  /** Shows what is waited for, and how long, while the work goes on; then that it is done. */
  waiting<T>(what: string, work: () => Promise<T>): Promise<T>;
  /** A file's text, framed, the keys of YAML in colour. */
  yaml(text: string): void;
}

/** Text in a colour or style, where standard output shows colours. */
export function paint(format: Format, text: string): string {
  return text === "" ? "" : styleText(format, text, { stream: process.stdout, validateStream: true });
}

/** A screen on standard output. */
export function openScreen(): Screen {
  let parts = 0;
  const line = (text = "") => process.stdout.write(`${text === "" ? "" : `  ${text}`}\n`);
  return {
    line,
    title: (text) => {
      line();
      line(paint(["bold", "cyan"], text));
    },
    part: (text) => {
      parts += 1;
      line();
      line(`${paint(["bold", "cyan"], String(parts))}  ${paint("bold", text)}`);
      line();
    },
    failed: (code, message) => {
      line(`   ${paint("red", "✗")} the pod's event  ${paint("bold", code)}`);
      for (const row of message.split("\n")) for (const part of wrapped(row)) line(`     ${paint("red", part)}`);
      line();
    },
    waiting: (what, work) => wait(line, what, work),
    checked: (text) => line(`   ${paint("green", "✓")} ${text}`),
    yaml: (text) => {
      for (const row of text.trimEnd().split("\n")) line(`   ${paint("dim", "│")} ${paintYaml(row)}`);
      line();
    },
  };
}

/** Rows of at most 72 characters, so that a terminal of 80 breaks none; those after the first are set in. */
function wrapped(text: string): readonly string[] {
  const rows: string[] = [];
  for (const word of text.split(" ")) {
    const last = rows.at(-1);
    if (last !== undefined && last.length + word.length < 72) rows[rows.length - 1] = `${last} ${word}`;
    else rows.push(last === undefined ? word : `  ${word}`);
  }
  return rows;
}

/** On a terminal the seconds run; elsewhere there is one line when it is done. */
async function wait<T>(line: (text: string) => void, what: string, work: () => Promise<T>): Promise<T> {
  const started = performance.now();
  const seconds = () => `${((performance.now() - started) / 1000).toFixed(1)} s`;
  const show = () => process.stdout.write(`\r     ${paint("yellow", "…")} ${what}  ${seconds()}`);
  const timer = process.stdout.isTTY ? setInterval(show, 100) : undefined;
  try {
    const made = await work();
    if (timer !== undefined) process.stdout.write("\r\u001b[K");
    line(`   ${paint("green", "✓")} ${what}  ${paint("dim", seconds())}`);
    return made;
  } finally {
    clearInterval(timer);
  }
}

/** Cells padded to the width of their column; colours take no width. */
export function align(rows: readonly (readonly string[])[]): string[] {
  const width = (text: string) => stripVTControlCharacters(text).length;
  const columns = Math.max(...rows.map((row) => row.length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => width(row[column] ?? ""))),
  );
  const pad = (text: string, column: number) => text + " ".repeat((widths[column] ?? 0) - width(text));
  return rows.map((row) => row.map(pad).join("  ").trimEnd());
}

function paintYaml(row: string): string {
  const [code = "", ...comment] = row.split(/(?= #)/);
  const keys = code.replace(/([\w-]+)(:)(?=\s|$)/g, (_, key: string, colon: string) => paint("cyan", key) + colon);
  return keys + paint("dim", comment.join(""));
}
