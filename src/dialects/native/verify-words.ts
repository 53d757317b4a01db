import type { Word } from "../../stores/words.ts";

const path = { type: "string" };

/** A text, or the part of the secret that it is. */
const text = {
  anyOf: [{ type: ["string", "integer"] }, selector()],
};

/** The part of the secret that a text is. */
function selector() {
  return {
    type: "object",
    properties: { key: path, jmesPath: path, yamlKey: path, decode: { enum: ["base64", "base64url", "hex"] } },
    additionalProperties: false,
  };
}

/** Of `verify`, in an entry of `secrets`. */
export const verifyWords: readonly Word[] = [
  { name: "kind", about: "Kind of the target.", schema: { enum: ["postgres", "mysql", "redis", "http"] } },
  { name: "host", about: "Its host: text, or { key: ... } of the secret.", schema: text },
  { name: "port", about: "Its port; the usual one where it is left out.", schema: text },
  { name: "database", about: "Database to log in to.", schema: text },
  { name: "user", about: "User: text, or { key: ... } of the secret.", schema: text },
  { name: "password", about: "Where the password is: { key: ... }; {} for the whole secret.", schema: selector() },
  { name: "url", about: "With kind: http: the page to ask for." },
  { name: "token", about: "With kind: http: where the token is, instead of user and password.", schema: selector() },
  { name: "header", about: "With kind: http: header of the token; without it, a bearer token." },
  {
    name: "status",
    about: "With kind: http: the statuses that let the credential in, 200 to 299 where it is left out.",
    schema: { type: "array", items: { type: ["integer", "string"] }, minItems: 1 },
  },
  {
    name: "tls",
    about: "Whether the connection is encrypted, and the certificate checked; verify where it is left out.",
    schema: { enum: ["off", "require", "verify"] },
  },
  { name: "ca", about: "PEM of the authorities to trust; the public ones where it is left out." },
];
