/** A Secret that `secretObjects` asks for: keys, each with the file `a`, and whether the API server takes it. */
export interface SecretRow {
  readonly what: string;
  readonly name: string;
  readonly type: string;
  readonly keys: readonly string[];
  readonly isTaken: boolean;
}

const row = (what: string, isTaken: boolean, type: string, ...keys: readonly string[]): SecretRow => {
  return { what, name: "web", type, keys, isTaken };
};
const called = (name: string, isTaken: boolean): SecretRow => {
  return { what: `the name ${name.slice(0, 40)}`, name, type: "Opaque", keys: ["a"], isTaken };
};

/** Secrets of every type with and without the keys that it needs, and names at the edges. */
export const secretRows: readonly SecretRow[] = [
  row("any key of Opaque", true, "Opaque", "a"),
  row("a type of its own", true, "example.com/thing", "a"),
  row("both keys of tls", true, "kubernetes.io/tls", "tls.crt", "tls.key"),
  row("tls without its key", false, "kubernetes.io/tls", "tls.crt"),
  row("tls without its certificate", false, "kubernetes.io/tls", "tls.key"),
  row("dockerconfigjson", true, "kubernetes.io/dockerconfigjson", ".dockerconfigjson"),
  row("dockerconfigjson with more", true, "kubernetes.io/dockerconfigjson", ".dockerconfigjson", "b"),
  row("dockerconfigjson without its key", false, "kubernetes.io/dockerconfigjson", "dockerconfigjson"),
  row("dockercfg", true, "kubernetes.io/dockercfg", ".dockercfg"),
  row("dockercfg without its key", false, "kubernetes.io/dockercfg", ".dockerconfigjson"),
  row("basic-auth with a user", true, "kubernetes.io/basic-auth", "username"),
  row("basic-auth with a password", true, "kubernetes.io/basic-auth", "password", "b"),
  row("basic-auth with neither", false, "kubernetes.io/basic-auth", "user", "pass"),
  row("ssh-auth", true, "kubernetes.io/ssh-auth", "ssh-privatekey"),
  row("ssh-auth without its key", false, "kubernetes.io/ssh-auth", "id_rsa"),
  row("a service account's token without its account", false, "kubernetes.io/service-account-token", "token"),
  row("a bootstrap token", true, "bootstrap.kubernetes.io/token", "token-id"),
  row("keys of all characters", true, "Opaque", "a-b_c.D9", ".a", "a..b", "x".repeat(253)),
  row("a key with a slash", false, "Opaque", "db/password"),
  row("a key with a blank", false, "Opaque", "a b"),
  row("a key of two dots", false, "Opaque", ".."),
  row("a key of a dot", false, "Opaque", "."),
  row("a key that starts with two dots", false, "Opaque", "..data"),
  row("a key that is too long", false, "Opaque", "x".repeat(254)),
  called("a.b-c.d", true),
  called("1", true),
  called("x".repeat(253), true),
  called("x".repeat(254), false),
  called("My_Secret", false),
  called("web-", false),
  called(".web", false),
  called("a..b", false),
  called("a/b", false),
  called("ü", false),
];
