import { ProviderError } from "../../errors.ts";
import { quoted } from "../../plan/problems.ts";

/** The treatment of slashes in names: kept, for directories, or replaced by one character. */
export type Slashes = "kept" | { readonly replacedBy: string };

/** Reads `pathTranslation`: `_` when empty, off by `false` in any case, otherwise one byte. Throws `LK0003`. */
export function parsePathTranslation(text: string): Slashes {
  if (text === "") return { replacedBy: "_" };
  if (text.toLowerCase() === "false") return "kept";
  if (Buffer.byteLength(text) === 1) return { replacedBy: text };
  throw new ProviderError("LK0003", "pathTranslation must be either 'False' or a single character string", {
    fix: "write one ASCII character, or 'False'",
  });
}

/** The file that an object becomes; `name` is its alias or, without one, its name. Throws `LK0003` for a way out. */
export function fileNameOf(name: string, slashes: Slashes): string {
  const file = slashes === "kept" ? name.replace(/^\/+/, "") : name.replaceAll("/", () => slashes.replacedBy);
  if (!file.split("/").includes("..")) return file;
  throw new ProviderError("LK0003", `path can not contain ../: ${quoted(name)}`, {
    fix: "give the object an objectAlias without ..",
  });
}
