import type { VaultAuth, VaultFlavour, VaultTls } from "./types.ts";

/** Ways to log in, as the native dialect names them; the first two are one request. */
export const authNames = ["kubernetes", "jwt", "approle", "cert"] as const;

type AuthName = (typeof authNames)[number];

/** The fields of the native dialect, each of them read. */
export interface Fields {
  readonly flavour: VaultFlavour;
  readonly address: readonly string[];
  readonly auth: AuthName;
  readonly role?: string | undefined;
  readonly mount?: string | undefined;
  readonly namespace?: string | undefined;
  readonly audience?: string | undefined;
  readonly ca?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly caFile?: string | undefined;
  readonly caDirectory?: string | undefined;
  readonly clientCertFile?: string | undefined;
  readonly clientKeyFile?: string | undefined;
  readonly skipTlsVerify?: boolean | undefined;
  readonly roleIdFile?: string | undefined;
  readonly secretIdFile?: string | undefined;
}

/** Where nobody says otherwise, the auth method is mounted here; Kubernetes and JWT roles are used alike. */
const usualMounts: Readonly<Record<AuthName, string>> = {
  kubernetes: "kubernetes",
  jwt: "kubernetes",
  approle: "approle",
  cert: "cert",
};

/** Fields that mean something to some ways to log in only. */
const onlyFor: readonly (readonly [field: keyof Fields, auths: readonly AuthName[]])[] = [
  ["role", ["kubernetes", "jwt", "cert"]],
  ["audience", ["kubernetes", "jwt"]],
  ["roleIdFile", ["approle"]],
  ["secretIdFile", ["approle"]],
];

/** Returns the fields that do not go together, each with its message. */
export function problemsOf(fields: Fields): readonly (readonly [field: keyof Fields, message: string])[] {
  const { auth, role, clientCertFile, clientKeyFile } = fields;
  const strangers = onlyFor.filter(([name, auths]) => fields[name] !== undefined && !auths.includes(auth));
  const problems = strangers.map(([name]) => [name, `does not apply to auth: ${auth}`] as const);
  const needsRole = auth === "kubernetes" || auth === "jwt";
  return [
    ...(needsRole && role === undefined ? [["role", "is missing"] as const] : []),
    ...problems,
    ...(clientCertFile !== undefined && clientKeyFile === undefined
      ? [["clientCertFile", "needs clientKeyFile as well"] as const]
      : []),
    ...(clientCertFile === undefined && clientKeyFile !== undefined
      ? [["clientKeyFile", "needs clientCertFile as well"] as const]
      : []),
  ];
}

/** The TLS part of the settings: what is not said is not there. */
export function readTls(fields: Fields): VaultTls {
  const { ca, caFile, caDirectory, clientCertFile, clientKeyFile, tlsServerName, skipTlsVerify } = fields;
  return {
    ...(ca === undefined ? {} : { ca }),
    ...(caFile === undefined ? {} : { caFile }),
    ...(caDirectory === undefined ? {} : { caDirectory }),
    ...(clientCertFile === undefined ? {} : { clientCertFile }),
    ...(clientKeyFile === undefined ? {} : { clientKeyFile }),
    ...(tlsServerName === undefined ? {} : { serverName: tlsServerName }),
    ...(skipTlsVerify === true ? { skipVerify: true } : {}),
  };
}

/** The way to log in; OpenBao's providers look for a token of another name. */
export function readAuth(fields: Fields): VaultAuth {
  const { auth, role, audience, flavour, roleIdFile, secretIdFile } = fields;
  const mount = fields.mount ?? usualMounts[auth];
  if (auth === "approle") {
    const files = { ...(roleIdFile && { roleIdFile }), ...(secretIdFile && { secretIdFile }) };
    return { method: "approle", mount, ...files };
  }
  if (auth === "cert") return { method: "cert", mount, ...(role === undefined ? {} : { role }) };
  const audienceChosen = audience !== undefined;
  return { method: "jwt", mount, role: role ?? "", audience: audience ?? flavour, audienceChosen };
}
