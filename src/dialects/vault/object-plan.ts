import { ProviderError } from "../../errors.ts";
import { writeGoJson } from "../../formats/go-json.ts";
import { type Problems, quoted } from "../../plan/problems.ts";
import type { Step } from "../../plan/step.ts";
import { type ApiPath, parseApiPath } from "../../stores/vault/api-path.ts";
import { vaultNamespace } from "../../stores/vault/settings.ts";
import type { VaultRef } from "../../stores/vault/types.ts";
import { type ObjectEntry, placed, positionIn } from "./objects.ts";

/** One entry, understood. */
export interface VaultObject {
  readonly entry: ObjectEntry;
  readonly subject: string;
  readonly ref: VaultRef;
  /** The data alone, today's whole response, or where today's provider looks for `secretKey`. */
  readonly of: "value" | "envelope" | "fields";
  readonly steps: readonly Step[];
}

/** Plans an entry's request, and how its file is made of the answer. Notes every problem; then returns `undefined`. */
export function planObject(entry: ObjectEntry, problems: Problems): VaultObject | undefined {
  const before = problems.count;
  const { config, secretNamespace } = entry;
  const subject = subjectOf(entry);
  const inObjects = problems.at({ parameter: "objects" });
  const note = (field: string, message: string, fix: string) =>
    inObjects.at(positionIn(entry, field)).add("LK0003", subject, placed(message, entry, field), fix);
  if (!isMethod(config.method)) {
    note("method", `invalid method ${quoted(config.method)}`, "write an HTTP method, such as GET, PUT or LIST");
  }
  const steps = stepsOf(entry, note);
  const namespace = secretNamespace === "" ? undefined : vaultNamespace.safeParse(secretNamespace);
  if (namespace?.success === false) {
    const message = `secretNamespace ${namespace.error.issues[0]?.message}`;
    note("secretNamespace", message, "write it as in team/a");
  }
  const path = inObjects.at(positionIn(entry, "secretPath")).attempt(subject, () => placedPath(entry));
  if (path === undefined || problems.count > before) return undefined;
  const ref: VaultRef = {
    method: config.method || "GET",
    ...path,
    ...(config.secretArgs === undefined ? {} : { body: writeGoJson(config.secretArgs) }),
    ...(namespace?.data === undefined ? {} : { namespace: namespace.data }),
  };
  const whole = entry.output === "data" ? "value" : "envelope";
  return { entry, subject, ref, of: config.secretKey === "" ? whole : "fields", steps };
}

/** Returns the name of an entry in errors. */
export function subjectOf({ config }: ObjectEntry): string {
  return `object ${quoted(config.objectName)}`;
}

/**
 * Decides whether Go's HTTP client would send a method. It sends CONNECT too, but that makes a tunnel (here in upper
 * and lower case) and reads nothing.
 */
function isMethod(method: string): boolean {
  return /^[\w!#$%&'*+.^`|~-]{0,64}$/.test(method) && method.toUpperCase() !== "CONNECT";
}

function placedPath(entry: ObjectEntry): ApiPath {
  try {
    return parseApiPath(entry.config.secretPath);
  } catch (thrown) {
    if (!(thrown instanceof ProviderError)) throw thrown;
    throw new ProviderError(thrown.id, placed(thrown.message, entry, "secretPath"), thrown.details);
  }
}

/** Without `secretKey` the file is the whole answer and `encoding` is not looked at. */
function stepsOf(
  { config: { secretKey, encoding }, output }: ObjectEntry,
  note: (field: string, message: string, fix: string) => void,
): readonly Step[] {
  if (output !== "" && output !== "data" && output !== "response") {
    note("output", `unknown output ${quoted(output)}`, "write data, or leave it out for the whole response");
  }
  if (secretKey === "") return [];
  if (output !== "") note("output", "output cannot be combined with secretKey", "leave out one of them");
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
      note("encoding", `invalid encoding type ${quoted(encoding)}`, "write utf-8, base64 or hex");
      return [];
  }
}
