import { type YamlAdvice, yamlLine } from "./yaml-lines.ts";

/** The quote or bracket that opens at a line up to `stoppedAt` and is closed by none; undefined where all are. */
export function openedAt(lines: readonly string[], stoppedAt: number): YamlAdvice | undefined {
  for (let number = stoppedAt; number >= Math.max(1, stoppedAt - farthest); number--) {
    const line = yamlLine(lines[number - 1] ?? "", number);
    const opener = line?.value[0] ?? "";
    if (line === undefined || !/["'[{]/.test(opener)) continue;
    const text = [line.value, ...lines.slice(number)].join("\n");
    const column = line.column + line.rest.length - line.value.length;
    if (isClosed(text, opener)) continue;
    const what = opener === '"' || opener === "'" ? "quote" : "bracket";
    const fix = what === "quote" ? "close it, or write the text in the other kind of quotes" : "close it";
    return { line: number, column: column + 1, problem: `the ${what} that opens here is not closed`, fix };
  }
  return undefined;
}

/** Further back nothing is looked for, in lines. */
const farthest = 100;

/** Whether a text that starts with an opener comes to its end, and with nothing behind it in its line but a comment. */
function isClosed(text: string, opener: string): boolean {
  const forms: Readonly<Record<string, RegExp>> = {
    '"': /^"(?:[^"\\]|\\[\s\S])*"[ \t]*(?:#.*)?(?:\n|$)/,
    "'": /^'(?:[^']|'')*'[ \t]*(?:#.*)?(?:\n|$)/,
  };
  return forms[opener]?.test(text) ?? depthAtEnd(text) === 0;
}

/** How many brackets are open where the value ends: at the first line behind which none is, or at the end. */
function depthAtEnd(text: string): number {
  let depth = 0;
  for (const line of text.split("\n")) {
    const bare = line.replace(/"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/g, "").replace(/(?:^|\s)#.*$/, "");
    for (const character of bare) {
      if (/[[{]/.test(character)) depth++;
      else if (/[\]}]/.test(character)) depth--;
    }
    if (depth <= 0) return 0;
  }
  return depth;
}
