import { FormatError } from "../formats/format-error.ts";
import { readYaml } from "../formats/read-yaml.ts";
import { adviseYaml } from "../formats/yaml-advice.ts";
import type { YamlNode } from "../formats/yaml-node.ts";

/** Reads a parameter's YAML as `readYaml` does. Throws `FormatError`, in the words of a person where the lines tell what is wrong. */
export function readParameterYaml(text: string): YamlNode {
  try {
    return readYaml(text);
  } catch (error) {
    throw error instanceof FormatError ? adviseYaml(text, error) : error;
  }
}
