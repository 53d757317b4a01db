import { FormatError } from "../formats/format-error.ts";
import type { YamlNode } from "../formats/yaml-node.ts";
import { readParameterYaml } from "./parameter-yaml.ts";

/** Something that was read, or what is wrong with it. */
export type Read<T> = T | FormatError;

/** Reads the texts of a SecretProviderClass where that holds nobody up, in order. */
export interface Elsewhere {
  yaml(texts: readonly string[]): Promise<readonly Read<YamlNode>[]>;
  /** The names that each template looks up. */
  templates(texts: readonly string[]): Promise<readonly Read<readonly string[]>[]>;
}

/**
 * So much of a SecretProviderClass is read at once: characters that can begin or end something of YAML, five microseconds
 * each at worst, or of a template, ten microseconds; and characters of any kind.
 */
const mostAtOnce = { yaml: 1_000, template: 200, characters: 32_768 };

/**
 * The texts of one SecretProviderClass: parameters, and what they hold that has to be read by itself. Long ones are read
 * elsewhere before a dialect asks for them; where there is no elsewhere, as in lint, all are read when they are asked for.
 */
export class ClassTexts {
  readonly #elsewhere: Elsewhere | undefined;
  readonly #read = {
    yaml: new Map<string, Read<YamlNode>>(),
    template: new Map<string, Read<readonly string[]>>(),
  };

  constructor(elsewhere?: Elsewhere) {
    this.#elsewhere = elsewhere;
  }

  /** Reads YAML that is asked for next, if that takes long. */
  async prepareYaml(texts: readonly string[]): Promise<void> {
    if (this.#elsewhere === undefined || !isLong(texts, yamlMarks, mostAtOnce.yaml)) return;
    const long = [...new Set(texts)];
    const read = await this.#elsewhere.yaml(long);
    for (const [at, text] of long.entries()) keep(this.#read.yaml, text, read[at]);
  }

  /** Reads templates that are asked for next, if that takes long. */
  async prepareTemplates(texts: readonly string[]): Promise<void> {
    if (this.#elsewhere === undefined || !isLong(texts, templateMarks, mostAtOnce.template)) return;
    const long = [...new Set(texts)];
    const read = await this.#elsewhere.templates(long);
    for (const [at, text] of long.entries()) keep(this.#read.template, text, read[at]);
  }

  /** The YAML of a text. Throws `FormatError`. */
  yaml(text: string): YamlNode {
    const read = this.#read.yaml.get(text);
    return read === undefined ? readParameterYaml(text) : resultOf(read);
  }

  /** The names that a template looks up, if it was prepared. Throws `FormatError`. */
  template(text: string): readonly string[] | undefined {
    const read = this.#read.template.get(text);
    return read === undefined ? undefined : resultOf(read);
  }
}

function keep<T>(known: Map<string, Read<T>>, text: string, read: Read<T> | undefined): void {
  if (read !== undefined) known.set(text, read);
}

function resultOf<T>(read: Read<T>): T {
  if (read instanceof FormatError) throw read;
  return read;
}

/** Nothing of YAML, no key, no item, no text, comes without one of these. */
const yamlMarks = /[\n,:{}[\]#&*!|>'"\\?-]/g;

/** A tag, an output, a filter or an argument begins with one of these. */
const templateMarks = /[{%|.,:[=<>'"]/g;

function isLong(texts: readonly string[], marks: RegExp, most: number): boolean {
  let [left, characters] = [most, 0];
  for (const text of texts) {
    characters += text.length;
    if (characters > mostAtOnce.characters) return true;
    for (const _ of text.matchAll(marks)) left -= 1;
    if (left < 0) return true;
  }
  return false;
}
