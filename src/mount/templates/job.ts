/** One template to render. */
export interface TemplateJob {
  readonly id: number;
  readonly text: string;
  /** Each name's content: JSON, or plain text where it is none. */
  readonly values: readonly { readonly name: string; readonly content: string; readonly isJson: boolean }[];
}

/** What came of it: the text, or what is wrong with the template, never a value. */
export type TemplateResult =
  | { readonly id: number; readonly text: string }
  | { readonly id: number; readonly problem: string };
