import { ProviderError } from "../errors.ts";
import { FormatError } from "../formats/format-error.ts";
import { ownBytes } from "../formats/own-bytes.ts";
import { jsonTextMembers, type TextMembers, yamlTextMembers } from "../formats/text-key.ts";
import { quoted } from "../plan/problems.ts";
import type { Step } from "../plan/step.ts";
import { nearKey } from "./near-key.ts";
import type { RenderWork } from "./render-work.ts";

type TextKey = Step & { readonly kind: "textKey" };

/** Returns the text at a key of a JSON or YAML document. Throws `LK0035` without the key, `LK0040` for what does not fit. */
export function selectTextKey(bytes: Uint8Array, { format, key }: TextKey, work: RenderWork): Uint8Array {
  const members = membersOf(bytes, format, key, work);
  const text = members.get(key);
  if (text !== undefined) return ownBytes(text);
  const name = nameOf(format);
  if (members.has(key)) {
    throw new ProviderError("LK0040", `unsupported value type for key ${quoted(key)}: only text can be a file`, {
      fix: `put the value in quotes in the ${name} of the secret`,
    });
  }
  const near = nearKey(new Map([...members.keys()].map((known) => [known, ""])), [key]);
  const hint = near === undefined ? "correct the key" : `did you mean the key ${near}? Otherwise correct it`;
  throw new ProviderError("LK0035", `key ${quoted(key)} not found in ${name}`, {
    fix: `${hint}, or add it to the secret`,
  });
}

function membersOf(bytes: Uint8Array, format: TextKey["format"], key: string, work: RenderWork): TextMembers {
  try {
    if (format === "json") return jsonTextMembers(work.parse(bytes, `key ${quoted(key)}`));
    work.read(bytes.length);
    return yamlTextMembers(bytes);
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    const message = `the secret has no key ${quoted(key)}: ${thrown.message}`;
    const fix = `store a ${nameOf(format)} map of text, or leave the key out to get the whole secret`;
    throw new ProviderError("LK0040", message, { fix });
  }
}

function nameOf(format: TextKey["format"]): "JSON" | "YAML" {
  return format === "json" ? "JSON" : "YAML";
}
