import { describe, expect, it } from "vitest";
import { type Parameters, problemsOf } from "../plan-of.ts";

const objects = "- {objectName: a, secretPath: b}";
const good = { roleName: "r", objects };
const listForm = "Fix: write a YAML list of objects: - objectName: ...";
const roleMissing =
  "LK0003 roleName: missing 'roleName' in SecretProviderClass definition. Fix: set it to the role of Vault's Kubernetes or JWT auth method";
const noSecrets = "LK0003 objects: no secrets configured. Fix: list at least one object with objectName and secretPath";
const addressFix = "Fix: write https://host[:port][/base], without user, query or fragment, or unix:///path";
const badAddress = `LK0020 vaultAddress: the address of the Vault server is not of the form https://host:port. ${addressFix}`;

const controls = (parameter: string) =>
  `LK0003 ${parameter}: it holds a line break or another control character. Fix: write it on one line, without such characters`;

describe("problems of vault parameters", () => {
  const rows: readonly (readonly [what: string, parameters: Parameters, problems: readonly string[]])[] = [
    ["no parameters at all", {}, [roleMissing, noSecrets]],
    [
      "objects by another name",
      { roleName: "r", object: objects },
      ['LK0003 objects: no secrets configured. Fix: rename the parameter "object" to objects'],
    ],
    ["an empty role", { ...good, roleName: "" }, [roleMissing]],
    ["a role of two lines", { ...good, roleName: "a\nb" }, [controls("roleName")]],
    [
      "both mount paths, even when empty",
      { ...good, vaultAuthMountPath: "", vaultKubernetesMountPath: "" },
      [
        "LK0003 parameters: vaultKubernetesMountPath and vaultAuthMountPath cannot both be set. Fix: keep vaultAuthMountPath",
      ],
    ],
    [
      "a mount path that leaves auth",
      { ...good, vaultAuthMountPath: "../sys" },
      ["LK0003 vaultAuthMountPath: must be the path of an auth mount, such as kubernetes"],
    ],
    [
      "a boolean that Go does not know",
      { ...good, vaultSkipTLSVerify: "yes" },
      ['LK0003 vaultSkipTLSVerify: "yes" is not a boolean. Fix: write true or false'],
    ],
    [
      "an empty boolean",
      { ...good, vaultSkipTLSVerify: "" },
      ['LK0003 vaultSkipTLSVerify: "" is not a boolean. Fix: write true or false'],
    ],
    [
      "half of a client certificate",
      { ...good, vaultTLSClientCertPath: "/c" },
      [
        "LK0003 vaultTLSClientKeyPath: both client cert and client key must be provided. Fix: set vaultTLSClientKeyPath too",
      ],
    ],
    [
      "the other half of a client certificate",
      { ...good, vaultTLSClientCertPath: "", vaultTLSClientKeyPath: "/k" },
      [
        "LK0003 vaultTLSClientCertPath: both client cert and client key must be provided. Fix: set vaultTLSClientCertPath too",
      ],
    ],
    [
      "a CA that is no PEM",
      { ...good, vaultCACert: "hunter2" },
      ["LK0003 vaultCACert: must be certificates in PEM form"],
    ],
    ["a path that is none", { ...good, vaultCADirectory: "/a\0b" }, [controls("vaultCADirectory")]],
    [
      "an auth method that there is not",
      { ...good, vaultAuthMethod: "ldap" },
      ['LK0003 vaultAuthMethod: unknown auth method "ldap". Fix: write one of kubernetes, jwt, approle, cert'],
    ],
    [
      "a login with a certificate of Latchkey's own file system",
      { objects, vaultAuthMethod: "cert", vaultTLSClientCertPath: "/c", vaultTLSClientKeyPath: "/k" },
      [
        "LK0003 vaultTLSClientCertPath: the auth method cert cannot log in with files of Latchkey's own file system. Fix: put tls.crt and tls.key into the Secret that nodePublishSecretRef of the pod's volume names",
      ],
    ],
    ["no role where the method needs one", { objects, vaultAuthMethod: "jwt" }, [roleMissing]],
    [
      "more addresses than a cluster has",
      { ...good, vaultAddress: Array.from({ length: 17 }, (_, n) => `https://v${n}`).join(",") },
      ["LK0003 vaultAddress: must be one address or a list of at most 16"],
    ],
    ["a Unix socket", { ...good, vaultAddress: "unix:///run/x" }, []],
    ["an address of another kind", { ...good, vaultAddress: "ftp://x" }, [badAddress]],
    ["an address with a password, not quoted", { ...good, vaultAddress: "https://u:hunter2@x" }, [badAddress]],
    [
      "a namespace that would split a header",
      { ...good, vaultNamespace: "a\r\nX-Evil: b" },
      [controls("vaultNamespace"), "LK0003 vaultNamespace: must be visible ASCII characters without spaces"],
    ],
    [
      "a namespace that two encodings would make two of",
      { ...good, vaultNamespace: "née" },
      ["LK0003 vaultNamespace: must be visible ASCII characters without spaces"],
    ],
    [
      "texts that are longer than a server would take",
      {
        ...good,
        roleName: "é".repeat(513),
        vaultAuthMountPath: "m".repeat(1025),
        vaultNamespace: "n".repeat(1025),
        audience: "a".repeat(1025),
      },
      ["roleName", "vaultAuthMountPath", "vaultNamespace", "audience"].map(
        (name) => `LK0003 ${name}: must be 1 KiB at most`,
      ),
    ],
    [
      "a path that is longer than a server would take",
      { ...good, objects: `- {objectName: a, secretPath: ${"x".repeat(70_000)}}` },
      [
        `LK0003 object "a": the secret path "${"x".repeat(256)}" is longer than 8 KiB at line 1, column 31. Fix: write a shorter path; the server would not take this one`,
      ],
    ],
    [
      "everything at once, in the order of today's checks",
      {
        vaultAuthMountPath: "a",
        vaultKubernetesMountPath: "b",
        vaultSkipTLSVerify: "maybe",
        vaultAddress: "x",
        objects: "- {objectName: a, secretPath: b}\n- {objectName: a, secretPath: b}",
      },
      [
        "LK0003 parameters: vaultKubernetesMountPath and vaultAuthMountPath cannot both be set. Fix: keep vaultAuthMountPath",
        'LK0003 vaultSkipTLSVerify: "maybe" is not a boolean. Fix: write true or false',
        roleMissing,
        'LK0003 objects: each `objectName` must be unique, but the following keys were duplicated: "a" at line 2, column 16. Fix: rename all but one: objectName is the file\'s path',
        badAddress,
      ],
    ],
  ];
  for (const [what, parameters, problems] of rows) {
    it(what, async () => {
      expect(await problemsOf("vault", parameters)).toEqual(problems);
    });
  }
});

describe("problems of vault objects", () => {
  const tooDeep = "[".repeat(20_000);
  const rows: readonly (readonly [objects: string, problems: readonly string[]])[] = [
    ["", [noSecrets]],
    ["null", [noSecrets]],
    ["[]", [noSecrets]],
    ["- null", [noSecrets]],
    ["text", [`LK0003 objects: a list is needed, not text at line 1, column 1. ${listForm}`]],
    [
      "array:\n  - |\n    objectName: a",
      [`LK0003 objects: a list is needed, not a map at line 1, column 1. ${listForm}`],
    ],
    ["- |\n  objectName: a", [`LK0003 objects[0]: a map is needed, not text at line 1, column 3. ${listForm}`]],
    ["\t- objectName: a", ["LK0003 objects: a tab indents this line at line 1, column 1. Fix: use spaces"]],
    [
      "- {objectName: a, objectName: b}",
      [`LK0003 objects[0]: key "objectName" appears twice (first at line 1) at line 1, column 19. ${listForm}`],
    ],
    [
      "- {objectName: [a], secretPath: b}",
      [
        "LK0003 objects[0].objectName: text is needed, not a list at line 1, column 16. Fix: write one text, in quotes if it begins with a bracket",
      ],
    ],
    [
      '- {objectName: a, secretPath: b, filePermission: "0600"}',
      ["LK0003 objects[0].filePermission: a number without quotes is needed at line 1, column 50"],
    ],
    [
      "- {objectName: a, secretPath: b, filePermission: -1}",
      ["LK0003 objects[0].filePermission: a number from 0 to 4294967295 is needed at line 1, column 50"],
    ],
    [
      "- {objectName: a, secretPath: b, secretArgs: [1]}",
      ["LK0003 objects[0].secretArgs: a map is needed, not a list at line 1, column 46"],
    ],
    ["- {objectName: a, secretPath: b, secretArgs: {}}", []],
    ["- {objectName: a, secretPath: b, secretArgs: null}", []],
    [
      "- {objectName: a, secretPath: b, secretArgs: {x: [1, .inf]}}",
      ["LK0003 objects[0].secretArgs: a number that JSON cannot hold at line 1, column 54"],
    ],
    [
      "- {objectName: a, secretPath: b, secretArgs: {x: {1: y}}}",
      [
        "LK0003 objects[0].secretArgs: a key inside secretArgs must be text, because JSON has no other keys; put it in quotes at line 1, column 51",
      ],
    ],
    [
      "- {objectName: a, secretPath: b, method: 'G T'}",
      [
        'LK0003 object "a": invalid method "G T" at line 1, column 42. Fix: write an HTTP method, such as GET, PUT or LIST',
      ],
    ],
    [
      "- {objectName: a, secretPath: b, method: CONNECT}",
      [
        'LK0003 object "a": invalid method "CONNECT" at line 1, column 42. Fix: write an HTTP method, such as GET, PUT or LIST',
      ],
    ],
    ["- {objectName: a, secretPath: b, method: PUT}", []],
    ["- {objectName: a, secretPath: b, method: get}", []],
    [
      "- {objectName: a, secretPath: b, output: x}",
      [
        'LK0003 object "a": unknown output "x" at line 1, column 42. Fix: write data, or leave it out for the whole response',
      ],
    ],
    [
      "- {objectName: a, secretPath: b, output: data, secretKey: c}",
      ['LK0003 object "a": output cannot be combined with secretKey at line 1, column 42. Fix: leave out one of them'],
    ],
    [
      "- {objectName: a, secretPath: b, secretNamespace: ns 1}",
      [
        'LK0003 object "a": secretNamespace must be visible ASCII characters without spaces at line 1, column 51. Fix: write it as in team/a',
      ],
    ],
    [
      "- {objectName: a, secretPath: b, secretKey: c, encoding: utf8}",
      ['LK0003 object "a": invalid encoding type "utf8" at line 1, column 58. Fix: write utf-8, base64 or hex'],
    ],
    [
      "- {objectName: a, secretPath: ../../etc}",
      [
        'LK0003 object "a": the secret path "../../etc" names nothing below /v1 at line 1, column 31. Fix: write the API path, such as secret/data/shop/db, without ..',
      ],
    ],
    [
      "- {objectName: a, secretPath: 'b?c;d'}",
      [
        'LK0003 object "a": the secret path "b?c;d" has a query that cannot be read at line 1, column 31. Fix: write it as name=value&name=value, without ; or a bare %',
      ],
    ],
    [
      "[{objectName: a, secretPath: b}, {objectName: c, secretPath: b}, {objectName: a, secretPath: b}, {objectName: a, secretPath: b}, {objectName: c, secretPath: b}]",
      [
        'LK0003 objects: each `objectName` must be unique, but the following keys were duplicated: "a", "a", "c" at line 1, column 79. Fix: rename all but one: objectName is the file\'s path',
      ],
    ],
    [tooDeep, [`LK0003 objects: YAML nests deeper than 200 levels at line 1, column 201. ${listForm}`]],
  ];
  for (const [text, problems] of rows) {
    it(JSON.stringify(text.slice(0, 80)), async () => {
      expect(await problemsOf("vault", { ...good, objects: text })).toEqual(problems);
    });
  }

  it("shows no more than 256 characters of a text", async () => {
    const [problem] = await problemsOf("vault", {
      ...good,
      objects: `- {objectName: a, secretPath: b, method: ${"x".repeat(5000)}}`,
    });
    expect(problem).toBe(
      `LK0003 object "a": invalid method "${"x".repeat(256)}..." at line 1, column 42. Fix: write an HTTP method, such as GET, PUT or LIST`,
    );
  });
});
