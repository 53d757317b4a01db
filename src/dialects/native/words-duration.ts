/** Schema of a duration in Go's form. */
export const duration = {
  type: "string",
  pattern: "^(?:0|[+]?(?:(?:[0-9]+(?:[.][0-9]*)?|[.][0-9]+)(?:ns|us|µs|μs|ms|s|m|h))+)$",
};

/** The word for how long a refused value is held back. */
export const verifyHoldWord = {
  name: "verifyHold",
  about: "Longest time that a value which its target refuses is held back: 1h.",
  schema: duration,
};
