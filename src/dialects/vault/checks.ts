import { parseGoBool } from "../../config/go-bool.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { DialectInput } from "../dialect.ts";
import { authOf, isByToken } from "./auth.ts";
import { type Flavour, type Parameter, parameterOf, roleOf } from "./flavour.ts";

/** Notes what today's provider checks before it reads `objects`. */
export function checkParameters(flavour: Flavour, { parameters }: DialectInput, problems: Problems): void {
  const mounts = mountParameters(flavour, parameters);
  if (mounts.every(({ present }) => present)) {
    const [kubernetes, auth] = mounts;
    const message = `${kubernetes.name} and ${auth.name} cannot both be set`;
    problems.add("LK0003", "parameters", message, `keep ${auth.name}`);
  }
  const skip = parameterOf(flavour, parameters, "SkipTLSVerify");
  if (skip.present && parseGoBool(skip.text) === undefined) {
    problems.add("LK0003", skip.name, `${quoted(skip.text)} is not a boolean`, "write true or false");
  }
}

/** Both names of the auth method's mount. */
export function mountParameters(
  flavour: Flavour,
  parameters: ReadonlyMap<string, string>,
): readonly [kubernetes: Parameter, auth: Parameter] {
  return [parameterOf(flavour, parameters, "KubernetesMountPath"), parameterOf(flavour, parameters, "AuthMountPath")];
}

/** Notes that there is no role where the auth method needs one: `readSettings` then gives nothing. */
export function checkRole(flavour: Flavour, { parameters }: DialectInput, problems: Problems): void {
  if (roleOf(flavour, parameters).text !== "" || !isByToken(authOf(flavour, parameters))) return;
  const message = "missing 'roleName' in SecretProviderClass definition";
  problems.add(
    "LK0003",
    "roleName",
    message,
    `set it to the role of ${flavour.product}'s Kubernetes or JWT auth method`,
  );
}
