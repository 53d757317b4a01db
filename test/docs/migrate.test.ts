import { describe, expect, it } from "vitest";
import type { Option } from "../../src/config/option.ts";
import { flagOf } from "../../src/config/options.ts";
import { vault } from "../../src/dialects/vault/definition.ts";
import { ignoredVariables } from "../../src/dialects/vault/peer.ts";
import { options } from "../../src/node/options.ts";
import { readDocument } from "./documents.ts";

const page = await readDocument("docs/migrate-vault.md");

/** The rows of the tables whose first cell names what is asked, each as the cells' text. */
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| `"))
  .map((line) => line.split("|").map((cell) => cell.trim()));

function rowOf(name: string): readonly string[] {
  const found = rows.filter(([, first = ""]) => first.includes(`\`${name}\``));
  expect([name, found.length > 0]).toEqual([name, true]);
  return found[0] ?? [];
}

const servers = Object.entries<Option>(options).filter(
  ([, { dialect }]) => dialect === "vault" || dialect === "openbao",
);

/** The ends of parameters' names behind `vault`, and those without; spec/vault.md 1.2 and 1.3. */
const parameters = [
  ..."roleName vaultAddress vaultNamespace vaultKubernetesMountPath vaultAuthMountPath audience vaultCACertPath".split(
    " ",
  ),
  ..."vaultCADirectory vaultTLSServerName vaultTLSClientCertPath vaultTLSClientKeyPath vaultSkipTLSVerify objects".split(
    " ",
  ),
  ..."objectName secretPath secretKey method secretArgs filePermission encoding".split(" "),
  ..."vaultCACert vaultAuthMethod".split(" "),
];

describe("docs/migrate-vault.md", () => {
  const own = vault.peer?.flags ?? [];
  it.each(own)("says of -$name what the command line answers", ({ name, flags }) => {
    const row = rowOf(`-${name}`).join(" ");
    expect(flags.filter((flag) => !row.includes(flag))).toEqual([]);
  });

  const same =
    "addr mount namespace tls-ca-cert tls-ca-directory tls-server-name tls-client-cert tls-client-key tls-skip-verify";
  it.each(same.split(" "))("has the flags -vault-%s and -openbao-%s", (end) => {
    for (const server of ["vault", "openbao"])
      expect(rowOf(`-${server}-${end}`)[2]).toContain(`\`--${server}-${end}\``);
  });

  it.each(servers.filter(([, { env = [] }]) => env.length > 0))(
    "says which flag each variable of %s is",
    (name, { env = [] }) => {
      for (const variable of env.flat()) {
        const product = variable.startsWith("BAO_") ? name : name.replace(/^openbao/, "vault");
        expect(rowOf(variable)[2]).toContain(`\`${flagOf(product)}\``);
      }
    },
  );

  it.each([...ignoredVariables.keys()])("says that VAULT_%s or BAO_%s does nothing", (end) => {
    for (const name of [`VAULT_${end}`, `BAO_${end}`]) expect(rowOf(name)[3]).toMatch(/^warned about/);
  });

  it("has the proxy variables of every program", () => {
    for (const name of ["httpProxy", "httpsProxy", "proxyBypass"] as const) {
      const [[variable = ""] = []] = options[name].env ?? [];
      expect(rowOf(variable)[2]).toContain(`\`${flagOf(name)}\``);
    }
  });

  it.each(parameters)("has the parameter or field %s", (name) => {
    expect(rowOf(name).length).toBeGreaterThan(2);
  });

  it("names nothing that there is not, among variables", () => {
    const known = new Set([
      ...Object.values<Option>(options).flatMap(({ env = [] }) => env.flat()),
      ...[...ignoredVariables.keys()].flatMap((end) => [`VAULT_${end}`, `BAO_${end}`]),
    ]);
    const named = [...page.matchAll(/\b(?:VAULT|BAO)_[A-Z_]+[A-Z]\b/g)].map(([name]) => name);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });
});
