import * as z from "zod";
import { unclearPath } from "../../formats/plain-path.ts";

/** A name or an ARN. AWS takes names as they are; parts that others would resolve are refused so that fences are read in one way. */
export const awsName = z
  .string()
  .min(1)
  .superRefine((name, context) => {
    const message = unclearPath(name);
    if (message !== undefined) context.addIssue({ code: "custom", message });
  });
