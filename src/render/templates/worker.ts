import { FormatError } from "../../formats/format-error.ts";
import { parseJson } from "../../formats/json.ts";
import { LiquidEngine } from "../../formats/liquid/engine.ts";
import { templateValue } from "../../formats/liquid/values.ts";
import type { TemplateJob, TemplateResult } from "./job.ts";
import { missingValue } from "./missing-value.ts";

// Renders templates one by one, apart from everything else of the process: what runs away here is ended from outside.

/** Longest result, in characters. */
const longest = 4 * 1024 ** 2;

/** Of its time, a template that ends itself leaves the process to others; one that cannot is ended with it. */
const ownShare = 0.8;

const engine = new LiquidEngine();

process.on("message", (job: TemplateJob) => process.send?.(resultOf(job)));
process.on("disconnect", () => process.exit());
process.send?.("ready");

function resultOf({ id, text, longest: ms, values }: TemplateJob): TemplateResult {
  const scope: Record<string, unknown> = Object.create(null);
  try {
    for (const { name, content, isJson } of values) {
      scope[name] = isJson ? templateValue(parseJson(content)) : content;
    }
    const rendered = engine.render(engine.parse(text), scope, ms * ownShare);
    return rendered.length > longest ? { id, problem: "it makes more than 4 MiB" } : { id, text: rendered };
  } catch (thrown) {
    const problem = thrown instanceof FormatError ? thrown.message : "it cannot be rendered";
    return { id, problem, missing: missingValue(problem, scope) };
  }
}
