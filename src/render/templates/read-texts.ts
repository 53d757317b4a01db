import { readParameterYaml } from "../../dialects/parameter-yaml.ts";
import { FormatError } from "../../formats/format-error.ts";
import type { LiquidEngine } from "../../formats/liquid/engine.ts";
import { packYaml } from "../../formats/packed-yaml.ts";
import type { ReadJob, ReadProblem, ReadResult } from "./job.ts";

/** Reads the texts of a job, each by itself: one that cannot be read says nothing of the others. */
export function readTexts(job: ReadJob, engine: LiquidEngine): ReadResult {
  if (job.kind === "templates") {
    return { templates: job.texts.map((text) => attempt(() => [...engine.parse(text).names])) };
  }
  return { yaml: job.texts.map((text) => attempt(() => packYaml(readParameterYaml(text)))) };
}

function attempt<T>(read: () => T): T | ReadProblem {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof FormatError)) throw thrown;
    const { problem, position, fix, commonFix } = thrown;
    return { problem, line: position.line, column: position.column, fix, commonFix };
  }
}

/** The error that a problem was. */
export function toFormatError({ problem, line, column, fix, commonFix }: ReadProblem): FormatError {
  return new FormatError(problem, { line, column }, fix, commonFix);
}
