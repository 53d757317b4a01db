/** A Secret's content, and whether the API server takes it. */
export interface ContentRow {
  readonly what: string;
  readonly type: "dockerconfigjson" | "tls" | "ssh-auth" | "basic-auth" | "Opaque";
  readonly data: Readonly<Record<string, string>>;
  readonly isTaken: boolean;
}

const docker = (what: string, config: string, isTaken: boolean): ContentRow => {
  return {
    what: `${what} for .dockerconfigjson`,
    type: "dockerconfigjson",
    data: { ".dockerconfigjson": config },
    isTaken,
  };
};

/** Content that keys alone do not tell. */
export const contentRows: readonly ContentRow[] = [
  docker("a configuration", '{"auths":{"r.example":{"auth":"dTpw"}}}', true),
  docker("an empty object", "{}", true),
  docker("a password with an escaped quote", '{"auths":{"r":{"password":"a\\"b"}}}', true),
  docker("a password with a bare quote", '{"auths":{"r":{"password":"a"b"}}}', false),
  docker("a password with a line break", '{"auths":{"r":{"password":"a\nb"}}}', false),
  docker("a password with a backslash", '{"auths":{"r":{"password":"a\\x"}}}', false),
  docker("an object with more behind it", '{"auths":{}} x', false),
  docker("a comma too many", '{"auths":{},}', false),
  docker("a list", "[]", false),
  docker("a text", '"auths"', false),
  docker("nothing", "", false),
  docker("a byte order mark", '\ufeff{"auths":{}}', false),
  { what: "an empty key of SSH", type: "ssh-auth", data: { "ssh-privatekey": "" }, isTaken: false },
  { what: "a key of SSH", type: "ssh-auth", data: { "ssh-privatekey": "x" }, isTaken: true },
  { what: "an empty certificate", type: "tls", data: { "tls.crt": "", "tls.key": "" }, isTaken: true },
  { what: "an empty user", type: "basic-auth", data: { username: "" }, isTaken: true },
  { what: "a value of 1 MiB", type: "Opaque", data: { a: "x".repeat(1024 ** 2) }, isTaken: true },
  { what: "values of more than 1 MiB", type: "Opaque", data: { a: "x".repeat(1024 ** 2), b: "x" }, isTaken: false },
];
