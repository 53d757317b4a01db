/** The ways to write `spec.parameters` that Latchkey reads; each has its own socket, `<name>.sock`. */
export const dialectNames = ["latchkey", "vault", "openbao", "aws"] as const;

/** One of them. */
export type DialectName = (typeof dialectNames)[number];
