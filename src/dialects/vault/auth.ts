import { type Problems, quoted } from "../../plan/problems.ts";
import { authNames } from "../../stores/vault/settings-parts.ts";
import { type Flavour, parameterOf } from "./flavour.ts";

/** How a session is opened, by its name in parameters. */
export type AuthName = (typeof authNames)[number];

/** The auth method, which is Latchkey's own parameter: where it is not set, today's. `undefined` for one that there is not. */
export function authOf(flavour: Flavour, parameters: ReadonlyMap<string, string>): AuthName | undefined {
  const { text } = parameterOf(flavour, parameters, "AuthMethod");
  return text === "" ? "kubernetes" : authNames.find((name) => name === text);
}

/** True for the methods that take the service account's token. */
export function isByToken(auth: AuthName | undefined): boolean {
  return auth === "kubernetes" || auth === "jwt";
}

/**
 * Notes an auth method that there is not, and files for one that must not have them: whoever can name a certificate of
 * Latchkey's file system would log in as its owner.
 */
export function checkAuth(flavour: Flavour, parameters: ReadonlyMap<string, string>, problems: Problems): void {
  const auth = authOf(flavour, parameters);
  const { name, text } = parameterOf(flavour, parameters, "AuthMethod");
  if (auth === undefined) {
    problems.add("LK0003", name, `unknown auth method ${quoted(text)}`, `write one of ${authNames.join(", ")}`);
  }
  const cert = parameterOf(flavour, parameters, "TLSClientCertPath");
  if (auth !== "cert" || cert.text === "") return;
  const fix = "put tls.crt and tls.key into the Secret that nodePublishSecretRef of the pod's volume names";
  problems.add("LK0003", cert.name, "the auth method cert cannot log in with files of Latchkey's own file system", fix);
}
