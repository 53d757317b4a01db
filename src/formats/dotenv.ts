import { scalarText } from "./flat-object.ts";
import { FormatError } from "./format-error.ts";
import type { JsonObject } from "./json.ts";

/**
 * Who reads a dotenv file: `bash` and every other POSIX shell, `node` (the package dotenv, `util.parseEnv`, `--env-file`),
 * `python` (python-dotenv).
 */
export const dotenvReaders = ["bash", "node", "python"] as const;

/** One of them. */
export type DotenvReader = (typeof dotenvReaders)[number];

/** The names that every shell and every dotenv reader takes. */
const name = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** The values that need no quotes anywhere. */
const plain = /^[A-Za-z0-9_.,:@%+/=-]+$/;

/**
 * The values that the package dotenv, Node and python-dotenv take as they are: visible ASCII that does not start with a
 * quote and holds no comment.
 */
const bare = /^(?!['"`])[!-"$-~]+$/;

/** The references that python-dotenv replaces, whatever quotes are around them. */
const variable = /\$\{[^}]*\}/;

/**
 * An object as `NAME=value` lines, in its own order, for one reader; without one, in a form that all of them read alike. Throws
 * `FormatError` for a key that is not a name, and for a value that has no such form.
 */
export function writeDotenv(object: JsonObject, reader?: DotenvReader): string {
  const lines = [...object].map(([key, value]) => {
    const text = scalarText(value);
    try {
      return `${requireName(key)}=${quoteDotenv(text, reader)}\n`;
    } catch (thrown) {
      throw thrown instanceof FormatError ? new FormatError(`${JSON.stringify(key)}: ${thrown.problem}`) : thrown;
    }
  });
  return lines.join("");
}

/** One value as a line of a dotenv file takes it. Throws `FormatError` for one that the reader cannot be given. */
export function quoteDotenv(value: string, reader?: DotenvReader): string {
  if (plain.test(value)) return value;
  if (value.includes("\0")) throw new FormatError("a variable cannot hold a zero byte");
  const quoted = quoteFor(value, reader);
  if (quoted !== undefined) return quoted;
  throw new FormatError(
    reader === undefined
      ? `the value cannot be written so that ${dotenvReaders.join(", ")} all read the same; name the reader, as in \`for: bash\``
      : `the value cannot be written so that ${reader} reads it back`,
  );
}

function quoteFor(value: string, reader: DotenvReader | undefined): string | undefined {
  switch (reader) {
    case "bash":
      return `'${value.replaceAll("'", "'\\''")}'`;
    case "node":
      return quoteForNode(value);
    case "python":
      return quoteForPython(value);
    case undefined:
      return quoteForAll(value);
  }
}

/** A backslash escapes nothing but, for dotenv, the closing quote; in double quotes it may make a line break. */
function quoteForNode(value: string): string | undefined {
  if (!value.includes("\r") && !value.endsWith("\\")) {
    const quote = ["'", '"', "`"].find((mark) => !value.includes(mark) && (mark !== '"' || !value.includes("\\")));
    if (quote !== undefined) return `${quote}${value}${quote}`;
  }
  return bare.test(value) ? value : undefined;
}

function quoteForPython(value: string): string | undefined {
  if (variable.test(value)) return undefined;
  // Before 1.2 a backslash at the end took the quote with it.
  if (value.endsWith("\\") && bare.test(value)) return value;
  if (!value.includes("\r")) return `'${value.replace(/[\\']/g, "\\$&")}'`;
  return `"${value.replace(/[\\"]/g, "\\$&").replaceAll("\r", "\\r")}"`;
}

/** In single quotes only python-dotenv knows escapes: `\\` and `\'`. */
function quoteForAll(value: string): string | undefined {
  if (value.includes("\r") || variable.test(value)) return undefined;
  if (!value.includes("'") && !/\\\\|\\$/.test(value)) return `'${value}'`;
  return /["\\$`]/.test(value) ? undefined : `"${value}"`;
}

function requireName(key: string): string {
  if (name.test(key)) return key;
  throw new FormatError("it is not a name of an environment variable");
}
