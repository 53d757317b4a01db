import { FormatError } from "../../formats/format-error.ts";
import { parseJson } from "../../formats/json.ts";
import { LiquidEngine } from "../../formats/liquid/engine.ts";
import { templateValue } from "../../formats/liquid/values.ts";
import type { Done, Job, TemplateJob, TemplateResult } from "./job.ts";
import { missingValue } from "./missing-value.ts";
import { readTexts } from "./read-texts.ts";

// Renders templates and reads long texts one by one, apart from everything else of the process: what runs away here is ended
// from outside.

/** Longest result, in characters. */
const longest = 4 * 1024 ** 2;

/** Of its time, a template that ends itself leaves the process to others; one that cannot is ended with it. */
const ownShare = 0.8;

const engine = new LiquidEngine();

/** The library ends a template by the time of `performance`. Here that is this process's own: what others of the node do counts for nothing. */
const ownTime = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
};
Object.defineProperty(performance, "now", { value: ownTime });

process.on("message", (job: Job) => {
  const began = ownTime();
  const result = job.kind === "render" ? rendered(job) : readTexts(job, engine);
  process.send?.({ result, ms: ownTime() - began } satisfies Done);
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

function rendered({ text, longest: ms, values }: TemplateJob & Job): TemplateResult {
  const scope: Record<string, unknown> = Object.create(null);
  try {
    for (const { name, content, isJson } of values) {
      scope[name] = isJson ? templateValue(parseJson(content)) : content;
    }
    const made = engine.render(engine.parse(text), scope, ms * ownShare);
    return made.length > longest ? { problem: "it makes more than 4 MiB" } : { text: made };
  } catch (thrown) {
    const problem = thrown instanceof FormatError ? thrown.message : "it cannot be rendered";
    return { problem, missing: missingValue(problem, scope) };
  }
}
