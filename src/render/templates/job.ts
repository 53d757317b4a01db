import type { PackedYaml } from "../../formats/packed-yaml.ts";

/** One template to render. */
export interface TemplateJob {
  readonly kind: "render";
  readonly text: string;
  /** Each name's content: JSON, or plain text where it is none. */
  readonly values: readonly {
    readonly name: string;
    readonly content: string;
    readonly isJson: boolean;
  }[];
}

/** Texts of a SecretProviderClass to read: YAML, or templates. */
export interface ReadJob {
  readonly kind: "yaml" | "templates";
  readonly texts: readonly string[];
}

/** The work that the process is asked to do, and for how long it may, in milliseconds of the processor. */
export type Job = (TemplateJob | ReadJob) & { readonly longest: number };

/** A value that a template wants and that is not there. */
export interface MissingValue {
  /** The name of the secret, as the template has it. */
  readonly name: string;
  /** The probable intention, as a template writes it: names of keys, never a value. */
  readonly near?: string | undefined;
}

/** A rendered template: the text, or what is wrong with the template, never a value. */
export type TemplateResult =
  | { readonly text: string }
  | { readonly problem: string; readonly missing?: MissingValue | undefined };

/** The problem of a text that cannot be read: the parts of a `FormatError`. */
export interface ReadProblem {
  readonly problem: string;
  readonly line?: number | undefined;
  readonly column?: number | undefined;
  readonly fix?: string | undefined;
  readonly commonFix?: string | undefined;
}

/** For each text of a job the YAML or the names that a template looks up, or what is wrong. */
export type ReadResult =
  | { readonly yaml: readonly (PackedYaml | ReadProblem)[] }
  | { readonly templates: readonly (readonly string[] | ReadProblem)[] };

/** The result of a job, and its processor time in milliseconds. */
export type Done = { readonly ms: number; readonly result: TemplateResult | ReadResult };
