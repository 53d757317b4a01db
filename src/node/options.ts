import { createOptionTable } from "../config/options.ts";
import { dialectDefinitions, dialectNames } from "../dialects/index.ts";
import { storeFamilies } from "../stores/index.ts";

/** Every setting of `latchkey serve`: Latchkey's own, and those that stores and dialects bring. */
export const options = createOptionTable({
  dialects: dialectNames,
  options: Object.assign(
    {},
    ...storeFamilies.map((family) => family.options),
    ...dialectDefinitions.map((dialect) => dialect.options),
  ),
});
