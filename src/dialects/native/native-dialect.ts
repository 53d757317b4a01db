import type { Dialect, DialectInput } from "../dialect.ts";
import type { Output, Plan } from "../plan.ts";
import { named, Problems, quoted } from "../problems.ts";
import { fixForUnknown } from "../read-shape.ts";
import { pathErrors } from "../volume-paths.ts";
import { WantedList } from "../wanted-list.ts";
import { notYet } from "./not-yet.ts";
import { readSecrets, type SecretSpec } from "./secrets.ts";
import { readStores } from "./stores.ts";

/** `provider: latchkey`: strict, so a word that is not understood is an error that names it and the nearest known one. */
export const nativeDialect: Dialect = {
  name: "latchkey",
  async plan(input) {
    const problems = new Problems();
    checkParameters(input, problems);
    const stores = await readStores(input, problems);
    const secrets = readSecrets(input.parameters.get("secrets") ?? "", stores, problems);
    const files = secrets.flatMap((secret) => secret.files);
    problems.take(pathErrors(files.map(({ path, place }) => ({ path, subject: `${place}.path` }))));
    return makePlan(problems.settle(secrets), input.mode);
  },
};

const known = ["stores", "secrets"];

function checkParameters({ parameters }: DialectInput, problems: Problems): void {
  for (const name of parameters.keys()) {
    if (known.includes(name)) continue;
    if (notYet.parameters.some((parameter) => parameter === name)) {
      problems.add("LK0004", name, `${name} is not supported yet`, `remove ${name}`);
    } else {
      problems.add("LK0003", named(name), `unknown parameter ${quoted(name)}`, fixForUnknown(name, known));
    }
  }
}

function makePlan(secrets: readonly SecretSpec[], defaultMode: number): Plan {
  const wanted = new WantedList();
  const outputs = secrets.flatMap(({ place, source, next, bounds, files }) => {
    if (source === undefined) return [];
    const from = wanted.add(place, source, bounds, next);
    return files.map(
      ({ path, place: subject, steps, mode = defaultMode }): Output => ({
        path,
        mode,
        from,
        subject,
        select: { of: "value", steps },
        version: { by: "hmac", key: "native" },
      }),
    );
  });
  return { secrets: wanted.secrets, outputs, warnings: [] };
}
