import { type Problems, quoted } from "../problems.ts";
import { type Flavour, parameterOf } from "./flavour.ts";

/** The auth methods by their names in parameters: `kubernetes` and `jwt` take the same request. */
const methods = new Map([
  ["", "jwt"],
  ["kubernetes", "jwt"],
  ["jwt", "jwt"],
] as const);

/** How a session is opened; `undefined` for a name that is none. */
export function methodOf(flavour: Flavour, parameters: ReadonlyMap<string, string>): "jwt" | undefined {
  const { text } = parameterOf(flavour, parameters, "AuthMethod");
  return [...methods].find(([name]) => name === text)?.[1];
}

/** Notes an auth method that there is not. */
export function checkMethod(flavour: Flavour, parameters: ReadonlyMap<string, string>, problems: Problems): void {
  if (methodOf(flavour, parameters) !== undefined) return;
  const { name, text } = parameterOf(flavour, parameters, "AuthMethod");
  const known = [...methods.keys()].filter((method) => method !== "").join(", ");
  problems.add("LK0003", name, `unknown auth method ${quoted(text)}`, `there are ${known}`);
}
