/** A variable that today's providers obey and Latchkey does not. */
export interface IgnoredVariable {
  readonly variable: string;
  /** Why, and what does its job here. */
  readonly reason: string;
}
