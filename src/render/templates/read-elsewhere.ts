import type { Elsewhere, Read } from "../../dialects/class-texts.ts";
import { unpackYaml } from "../../formats/packed-yaml.ts";
import type { YamlNode } from "../../formats/yaml-node.ts";
import { toFormatError } from "./read-texts.ts";
import type { TemplateSandbox } from "./sandbox.ts";

/** Reads long texts of a namespace's SecretProviderClasses in the process of the templates, which may be loaded for it. */
export function readElsewhere(sandbox: () => Promise<TemplateSandbox>, namespace: string): Elsewhere {
  return {
    async yaml(texts) {
      const result = await (await sandbox()).read({ kind: "yaml", texts }, namespace);
      if (!("yaml" in result)) throw new Error("the process has read something else");
      const read: Read<YamlNode>[] = [];
      for (const each of result.yaml) read.push("numbers" in each ? await unpackYaml(each) : toFormatError(each));
      return read;
    },
    async templates(texts) {
      const result = await (await sandbox()).read({ kind: "templates", texts }, namespace);
      if (!("templates" in result)) throw new Error("the process has read something else");
      return result.templates.map((each) => ("problem" in each ? toFormatError(each) : each));
    },
  };
}
