import {
  Composer,
  type Document,
  isCollection,
  isScalar,
  LineCounter,
  type ParsedNode,
  type Scalar,
  visit,
} from "yaml";
import { FormatError } from "../formats/format-error.ts";
import { adviseYaml } from "../formats/yaml-advice.ts";
import type { YamlNode, YamlPosition } from "../formats/yaml-node.ts";
import { composerOptions, maxYamlDepth, yamlPlace, yamlProblem, yamlTokens } from "../formats/yaml-tokens.ts";
import { buildYamlTree } from "../formats/yaml-tree.ts";

/** A literal block (`|`): its first line of text in the file, and by how many columns it is indented. */
export interface LiteralBlock {
  readonly firstLine: number;
  readonly indent: number;
}

/** One document of a file. */
export interface YamlDocument {
  readonly root: YamlNode;
  /** The literal block that starts at a position; undefined for any other scalar. */
  blockAt(position: YamlPosition): LiteralBlock | undefined;
  /** How a block of text that starts at a position is opened: `|`, `>-`; undefined for anything else. */
  openerAt(position: YamlPosition): string | undefined;
  /** The text of a list or map that starts at a position, as if it stood in a literal block. */
  sourceAt(position: YamlPosition): { readonly text: string; readonly block: LiteralBlock } | undefined;
}

/** A file's documents, and what could not be read of it. */
export interface YamlFile {
  readonly documents: readonly YamlDocument[];
  readonly errors: readonly FormatError[];
}

/**
 * Reads every document of a file. A document that is no YAML is told and left out; what cannot even be taken apart ends the
 * reading. Throws nothing.
 */
export function readYamlFile(text: string): YamlFile {
  const lines = new LineCounter();
  const source = text.toWellFormed();
  const documents: YamlDocument[] = [];
  const errors: FormatError[] = [];
  const take = (document: Document.Parsed<ParsedNode>) => {
    const [error] = document.errors;
    if (error !== undefined) errors.push(new FormatError(yamlProblem(error.code), yamlPlace(lines, error.pos[0])));
    else if (document.contents !== null) documents.push(documentOf(document, source, lines));
  };
  try {
    const composer = new Composer<ParsedNode>(composerOptions);
    for (const token of yamlTokens(source, lines)) for (const document of composer.next(token)) take(document);
    for (const document of composer.end(false, source.length)) take(document);
  } catch (error) {
    if (!(error instanceof FormatError)) throw error;
    errors.push(error);
  }
  return { documents, errors: errors.map((error, index) => (index < mostAdvised ? adviseYaml(source, error) : error)) };
}

/** Each one takes another walk over the file. */
const mostAdvised = 20;

function documentOf(document: Document.Parsed<ParsedNode>, source: string, lines: LineCounter): YamlDocument {
  const root = buildYamlTree(document.contents, (offset) => yamlPlace(lines, offset), maxYamlDepth);
  const nodes = new Map<string, ParsedNode>();
  visit(document, {
    Node(_, node) {
      const parsed = node as ParsedNode;
      const isWanted = isCollection(parsed) || (isScalar(parsed) && parsed.type?.startsWith("BLOCK_"));
      if (!isWanted || !parsed.range) return;
      const key = keyOf(yamlPlace(lines, parsed.range[0]));
      // Of a map and its first key the map comes first.
      if (!nodes.has(key)) nodes.set(key, parsed);
    },
  });
  return {
    root,
    blockAt(position) {
      const node = nodes.get(keyOf(position));
      return isScalar(node) && node.type === "BLOCK_LITERAL" ? literalBlock(node, source, position.line) : undefined;
    },
    openerAt(position) {
      const node = nodes.get(keyOf(position));
      return isScalar(node) ? /^[|>][-+0-9]*/.exec(source.slice(node.range[0], node.range[0] + 4))?.[0] : undefined;
    },
    sourceAt({ line, column }) {
      const node = nodes.get(keyOf({ line, column }));
      if (!isCollection(node)) return undefined;
      const indent = column - 1;
      const dedent = (text: string, index: number) =>
        index === 0 || text.slice(0, indent).trim() !== "" ? text : text.slice(indent);
      const text = source.slice(node.range[0], node.range[1]).split("\n").map(dedent).join("\n");
      return { text, block: { firstLine: line, indent } };
    },
  };
}

function keyOf({ line, column }: YamlPosition): string {
  return `${line}:${column}`;
}

/** The indentation is what the first line with text has more in the file than in the value. */
function literalBlock({ range, source: value = "" }: Scalar, source: string, line: number): LiteralBlock {
  const [, ...raw] = source.slice(range?.[0], range?.[1]).split(/\r?\n/);
  const texts = value.split("\n");
  const index = texts.findIndex((text) => text.trim() !== "");
  const indent = index < 0 ? 0 : (raw[index]?.length ?? 0) - (texts[index]?.length ?? 0);
  return { firstLine: line + 1, indent: Math.max(0, indent) };
}
