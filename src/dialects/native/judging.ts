import type { Judging } from "../judging.ts";
import { nativeSchema } from "./schema.ts";

/** The native dialect before the pod: it refuses words that it does not know itself. */
export const nativeJudging: Judging = {
  schema: nativeSchema,
  addressParameter: () => "stores",
  loginParameter: () => "stores",
};
