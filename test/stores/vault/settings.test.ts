import { describe, expect, test } from "vitest";
import { createAddressPolicy } from "../../../src/address-policy.ts";
import { createVaultStore } from "../../../src/stores/vault/index.ts";
import { vaultSettings } from "../../../src/stores/vault/settings.ts";
import { createAuthority } from "../../servers/certificates.ts";

function read(more: object) {
  const written = { address: "https://v:8200", role: "r", ...more };
  const parsed = vaultSettings("pod").safeParse(written);
  return parsed.success ? parsed.data : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("Vault settings", () => {
  const full = "x".repeat(1024);
  test("take texts of 1 KiB", () => {
    expect(read({ role: full, mount: `/${full}/`, namespace: `${full}/`, audience: full })).toMatchObject({
      auth: { method: "jwt", role: full, mount: full, audience: full, audienceChosen: true },
      namespace: full,
    });
  });

  for (const name of ["role", "mount", "namespace", "audience", "tlsServerName"]) {
    test(`refuse a ${name} of more`, () => {
      expect(read({ [name]: `${full}x` })).toEqual([`${name}: must be 1 KiB at most`]);
    });
  }

  for (const namespace of ["", "née", "a b", "a\nb", "\u007f", "日本"]) {
    test(`refuse the namespace ${JSON.stringify(namespace)}`, () => {
      expect(read({ namespace })).toEqual(["namespace: must be visible ASCII characters without spaces"]);
    });
  }
});

const { caPem } = await createAuthority();

describe("the endpoint of Vault settings", () => {
  const store = createVaultStore({ addresses: createAddressPolicy([]), concurrency: 1 });
  const ca = (mark: string) => ({ ca: `${caPem}${mark}${"A".repeat(200_000)}` });
  const endpointOf = (more: object) => {
    return store.endpoint(vaultSettings("pod").parse({ address: "https://v:8200", role: "r", ...more }));
  };

  test("is another one where the CA differs, and does not hold it", () => {
    const [one, same, other] = [endpointOf(ca("1")), endpointOf({ ...ca("1"), role: "s" }), endpointOf(ca("2"))];
    expect([one === same, one === other, one.length < 100]).toEqual([true, false, true]);
  });
});

const jwt = { method: "jwt", mount: "kubernetes", role: "r", audience: "vault", audienceChosen: false };

function readAs(author: "operator" | "pod", more: object) {
  const parsed = vaultSettings(author).safeParse({ address: "https://v:8200", ...more });
  return parsed.success ? parsed.data : parsed.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
}

describe("Vault settings of the native dialect", () => {
  const auths: readonly [fields: object, auth: object][] = [
    [{ role: "r" }, jwt],
    [{ auth: "jwt", role: "r" }, jwt],
    [{ auth: "kubernetes", role: "r", mount: "kubernetes/" }, jwt],
    [
      { role: "r", flavour: "openbao" },
      { ...jwt, audience: "openbao" },
    ],
    [
      { role: "r", audience: "vault" },
      { ...jwt, audienceChosen: true },
    ],
    [{ auth: "approle" }, { method: "approle", mount: "approle" }],
    [
      { auth: "approle", mount: "/ci/" },
      { method: "approle", mount: "ci" },
    ],
    [{ auth: "cert" }, { method: "cert", mount: "cert" }],
    [
      { auth: "cert", role: "web" },
      { method: "cert", mount: "cert", role: "web" },
    ],
  ];
  for (const [fields, auth] of auths) {
    test(`${JSON.stringify(fields)} log in by ${JSON.stringify(auth)}`, () => {
      for (const author of ["pod", "operator"] as const) expect(readAs(author, fields)).toMatchObject({ auth });
    });
  }

  const wrong: readonly [fields: object, problems: readonly string[]][] = [
    [{}, ["role: is missing"]],
    [{ auth: "userpass", role: "r" }, ["auth: must be kubernetes, jwt, approle or cert"]],
    [{ flavour: "hcp", role: "r" }, ["flavour: must be vault or openbao"]],
    [{ auth: "approle", role: "r" }, ["role: does not apply to auth: approle"]],
    [{ auth: "cert", audience: "a" }, ["audience: does not apply to auth: cert"]],
    [{ role: "r", roleIdFile: "/r" }, ["roleIdFile: does not apply to auth: jwt"]],
    [{ role: "r", clientCertFile: "/c" }, ["clientCertFile: needs clientKeyFile as well"]],
    [{ role: "r", clientKeyFile: "/c" }, ["clientKeyFile: needs clientCertFile as well"]],
    [{ role: "r", caDirectory: "certs" }, ["caDirectory: must be an absolute path"]],
    [
      { role: "r", address: ["https://v", "ftp://v"] },
      [expect.stringMatching(/^address\.1: the address of the Vault/)],
    ],
    [{ role: "r", address: [] }, ["address: must be one address or a list of at most 16"]],
  ];
  for (const [fields, problems] of wrong) {
    test(`${JSON.stringify(fields)} are refused: ${problems.length} problem`, () => {
      expect(readAs("operator", fields)).toEqual(problems);
    });
  }

  const files = { caFile: "/ca", caDirectory: "/cas", clientCertFile: "/c", clientKeyFile: "/k", skipTlsVerify: true };
  for (const [name, value] of Object.entries({ ...files, roleIdFile: "/r", secretIdFile: "/s" })) {
    test(`${name} is the operator's word`, () => {
      expect(readAs("pod", { role: "r", [name]: value })).toEqual([`: Unrecognized key: "${name}"`]);
    });
  }

  test("of an operator name files", () => {
    const tls = { caFile: "/ca", caDirectory: "/cas", clientCertFile: "/c", clientKeyFile: "/k", skipVerify: true };
    const auth = { method: "approle", mount: "approle", roleIdFile: "/r", secretIdFile: "/s" };
    const fields = { ...files, auth: "approle", roleIdFile: "/r", secretIdFile: "/s" };
    expect(readAs("operator", fields)).toMatchObject({ tls, auth });
    expect(readAs("operator", { role: "r", skipTlsVerify: false })).toEqual(readAs("operator", { role: "r" }));
  });

  for (const address of [
    ...["https://v/a/../b", "https://v/a//b", "https://v/./a", "https://v/%2e%2e/a", "https://v\\a", "https://v/a\n/b"],
    ...["unix:///run/../x.sock", "unix:///run//x.sock", "unix:///run/%2e%2e/x.sock", "https://v/..;/a"],
  ]) {
    test(`refuse the address ${JSON.stringify(address)}`, () => {
      for (const author of ["pod", "operator"] as const) {
        expect(readAs(author, { role: "r", address })).toEqual([expect.stringMatching(/^address: .*must not contain/)]);
      }
    });
  }

  for (const namespace of ["a//b", "a/../b", "../a", "a/..", "./a", "a\\b", "a/%2e%2e/b", "a/..;/b", "."]) {
    test(`refuse the namespace and the mount ${namespace}`, () => {
      expect(readAs("pod", { role: "r", namespace })).toEqual([expect.stringMatching(/^namespace: must not contain/)]);
      expect(readAs("pod", { role: "r", mount: namespace })).toEqual([
        "mount: must be the path of an auth mount, such as kubernetes",
      ]);
    });
  }

  for (const namespace of ["/", "root", "/root/", "//root"]) {
    test(`know ${namespace} as the root namespace`, () => {
      expect(readAs("pod", { role: "r", namespace })).toMatchObject({ namespace: "" });
    });
  }

  test("take one address or several, each once, and Unix sockets", () => {
    const addresses = (address: unknown) => readAs("pod", { role: "r", address });
    expect(addresses(["https://V:443/"])).toEqual(addresses("https://v"));
    expect(addresses(["https://a", "https://b/", "https://A:443", "unix:///run/x.sock"])).toMatchObject({
      addresses: ["https://a", "https://b", "unix:///run/x.sock"],
    });
  });
});
