import * as z from "zod";
import { ProviderError, reportIt } from "../../errors.ts";
import { Redacted } from "../../redacted.ts";
import type { Login } from "./login.ts";

const saved = z.strictObject({
  token: z.string().min(1),
  expiresAt: z.number().optional(),
  revocable: z.boolean(),
  renewable: z.boolean(),
});

/** A login as text, for the next process. The count of uses is not kept: a login that has one is spent soon. */
export function savedLogin({ token, revocable, renewable, uses }: Login, expiresAt: number | undefined) {
  if (uses !== undefined) return undefined;
  return new Redacted(JSON.stringify({ token: token.reveal(), expiresAt, revocable, renewable }));
}

/** Reads what `savedLogin` wrote. Throws `LK0001` for anything else: the seal around it vouches for it. */
export function readLogin(text: Redacted<string>): Login {
  try {
    const { token, expiresAt, ...rest } = saved.parse(JSON.parse(text.reveal()));
    return { ...rest, token: new Redacted(token), ...(expiresAt === undefined ? {} : { expiresAt }) };
  } catch {
    // Its message could quote the token.
    throw new ProviderError("LK0001", "a login that was kept cannot be read", { fix: reportIt });
  }
}
