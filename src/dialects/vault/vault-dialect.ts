import { parseApiPath } from "../../stores/vault/api-path.ts";
import type { VaultRef, VaultSettings } from "../../stores/vault/types.ts";
import type { Dialect, DialectInput } from "../dialect.ts";
import type { Output, Plan, Step } from "../plan.ts";
import { Problems, quoted } from "../problems.ts";
import { pathErrors } from "../volume-paths.ts";
import { WantedList } from "../wanted-list.ts";
import { checkNames, readObjects } from "./objects.ts";
import { type SecretConfig, versionPrefix } from "./secret-config.ts";
import { checkConnection, checkRole, readSettings } from "./settings.ts";

/** `provider: vault`: parameters as HashiCorp's provider reads them; problems come in the order of its checks. */
export const vaultDialect: Dialect = {
  name: "vault",
  async plan(input) {
    const problems = new Problems();
    checkConnection(input, problems);
    const configs = readObjects(input.parameters.get("objects") ?? "", problems);
    checkRole(input, problems);
    if (configs !== undefined) checkNames(configs, problems);
    const settings = readSettings(input, problems);
    const objects = (configs ?? []).flatMap((config) => checkObject(config, problems));
    const named = (configs ?? []).map(({ objectName }) => ({
      path: objectName,
      subject: `object ${quoted(objectName)}`,
    }));
    // Equal names are told in today's words, by `checkNames`.
    problems.take(pathErrors([...new Map(named.map((file) => [file.path, file])).values()]));
    return makePlan(input, problems.settle(settings), objects);
  },
};

/** `provider: openbao`. */
export const openbaoDialect: Dialect = { ...vaultDialect, name: "openbao" };

/** One entry, understood. */
interface VaultObject {
  readonly config: SecretConfig;
  readonly subject: string;
  readonly ref: VaultRef;
  readonly steps: readonly Step[];
}

function checkObject(config: SecretConfig, problems: Problems): readonly VaultObject[] {
  const subject = `object ${quoted(config.objectName)}`;
  if (config.method !== "" && config.method !== "GET") {
    problems.add(
      "LK0004",
      subject,
      `method ${quoted(config.method)} is not supported yet`,
      "leave method out, or write GET",
    );
  }
  const ref = problems.attempt(subject, () => ({ method: "GET", ...parseApiPath(config.secretPath) }));
  const steps = stepsOf(config);
  if (steps === undefined) {
    const message = `invalid encoding type ${quoted(config.encoding)}`;
    problems.add("LK0003", subject, message, "write utf-8, base64 or hex");
  }
  return ref === undefined || steps === undefined ? [] : [{ config, subject, ref, steps }];
}

/** Without `secretKey` the file is the whole answer and `encoding` is not looked at. */
function stepsOf({ secretKey, encoding }: SecretConfig): readonly Step[] | undefined {
  if (secretKey === "") return [];
  const key: Step = { kind: "key", path: [secretKey], text: secretKey };
  switch (encoding.toLowerCase()) {
    case "":
    case "utf-8":
      return [key];
    case "base64":
      return [key, { kind: "decode", encoding: "base64" }];
    case "hex":
      return [key, { kind: "decode", encoding: "hex" }];
    default:
      return undefined;
  }
}

function makePlan(input: DialectInput, settings: VaultSettings, objects: readonly VaultObject[]): Plan {
  const wanted = new WantedList();
  const warnings: string[] = [];
  const outputs = objects.map(({ config, subject, ref, steps }): Output => {
    if (config.filePermission > 0o777) {
      warnings.push(`${subject}: of filePermission ${config.filePermission} only the bits of 0777 are used`);
    }
    return {
      path: config.objectName,
      // As Go's chmod does; 0 stands for "not set".
      mode: config.filePermission === 0 ? input.mode : config.filePermission & 0o777,
      from: wanted.add(subject, { store: "vault", settings, ref }),
      subject,
      select: { of: config.secretKey === "" ? "envelope" : "value", steps },
      version: { by: "hmac", key: "vault", prefix: versionPrefix(config) },
    };
  });
  return { secrets: wanted.secrets, outputs, warnings };
}
