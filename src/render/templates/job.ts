/** One template to render. */
export interface TemplateJob {
  readonly id: number;
  readonly text: string;
  /** How long it may take, in milliseconds of the processor. */
  readonly longest: number;
  /** Each name's content: JSON, or plain text where it is none. */
  readonly values: readonly {
    readonly name: string;
    readonly content: string;
    readonly isJson: boolean;
  }[];
}

/** A value that a template wants and that is not there. */
export interface MissingValue {
  /** The name of the secret, as the template has it. */
  readonly name: string;
  /** The probable intention, as a template writes it: names of keys, never a value. */
  readonly near?: string | undefined;
}

/** The result of a job: the text, or what is wrong with the template, never a value; and its processor time in milliseconds. */
export type TemplateResult = { readonly id: number; readonly ms: number } & (
  | { readonly text: string }
  | { readonly problem: string; readonly missing?: MissingValue | undefined }
);
