import type { Surroundings } from "../dialects/plan-of.ts";
import { classOf } from "./lint-of.ts";

/**
 * A defect: what it is, and a text in which `# <- id` stands on each line where something has to be found, where the operator
 * said nothing but what the third part says.
 */
export type Defect = readonly [what: string, text: string, around?: Surroundings];

const vaultStore = 'vault: { kind: vault, address: "https://vault:8200", role: shop }\n# the store\n';

function native(secrets: string, stores = vaultStore, more: Readonly<Record<string, string>> = {}): string {
  return classOf("latchkey", { stores, secrets: `${secrets}\n`, ...more });
}

function inVault(objects: string, parameters: Readonly<Record<string, string>> = { roleName: "shop" }): string {
  return classOf("vault", { ...parameters, objects: `${objects}\n` });
}

function inAws(objects: string, parameters: Readonly<Record<string, string>> = { region: "eu-west-1" }): string {
  return classOf("aws", { ...parameters, objects: `${objects}\n` });
}

const good = "- { store: vault, name: a, files: [{ path: a }] }\n";
const object = "- { objectName: a, secretPath: secret/data/a }\n";
const sm = "objectType: secretsmanager";

function tried(target: string): string {
  return `- { store: vault, name: a, files: [{ path: a }], verify: { kind: postgres, ${target}, user: u, password: {} } }`;
}

const nativeDefects: readonly Defect[] = [
  ["an unknown parameter", native(good, vaultStore, { secret: "x # <- LK0003" })],
  [
    "stores that are no map",
    native(good, "- vault # <- LK0003\n# no map\n")
      .replace("store: vault, name: a", "store: vault, name: a")
      .replace("path: a }] }", "path: a }] } # <- LK0003"),
  ],
  ["an unknown kind of store", native(good, "vault:\n  kind: volt # <- LK0003\n")],
  ["a kind of store that comes later", native(good, "vault:\n  kind: kubernetes # <- LK0004\n")],
  [
    "a store without kind",
    native(good, "vault:\n  address: x\n")
      .replace("    vault:", "    vault:")
      .replace("      vault:\n", "      vault: # <- LK0003\n"),
  ],
  [
    "an unknown setting of a store",
    native(good, "vault:\n  kind: vault\n  address: https://v\n  role: r\n  rolle: r # <- LK0020\n"),
  ],
  ["an address that is none", native(good, "vault:\n  kind: vault\n  role: r\n  address: 'ftp://v' # <- LK0020\n")],
  [
    "an address with a password",
    native(good, "vault:\n  kind: vault\n  role: r\n  address: 'https://u:p@v' # <- LK0020\n"),
  ],
  ["a setting that is not text", native(good, "vault:\n  kind: vault\n  address: https://v\n  role: 7 # <- LK0020\n")],
  ["a login that needs a role", native(good, "vault:\n  kind: vault # <- LK0020\n  address: https://v\n")],
  [
    "a field for another login",
    native(good, "vault:\n  kind: vault\n  address: https://v\n  auth: approle\n  role: r # <- LK0020\n"),
  ],
  [
    "an operator's setting",
    native(good, "vault:\n  kind: vault\n  address: https://v\n  role: r\n  skipTlsVerify: true # <- LK0020\n"),
  ],
  ["a file store without a profile", native(good, "vault:\n  kind: file # <- LK0020\n  directory: /x\n")],
  ["settings next to a profile", native(good, "vault:\n  profile: p # <- unknown-profile\n  role: r # <- LK0003\n")],
  ["a region that is none", native(good, "vault:\n  kind: aws-secrets-manager\n  region: 'eu west' # <- LK0020\n")],
  ["secrets that are no list", native("store: vault # <- LK0003")],
  [
    "a parameter that is missing",
    classOf("latchkey", { stores: vaultStore }).replace("  parameters:", "  parameters: # <- LK0003"),
  ],
  [
    "an unknown field of a secret",
    native("- store: vault\n  name: a\n  filess: [] # <- LK0003\n  files: [{ path: a }]"),
  ],
  ["a store that is not listed", native("- store: volt # <- LK0003\n  name: a\n  files: [{ path: a }]")],
  ["a secret without store", native("- name: a # <- LK0003\n  files: [{ path: a }]")],
  ["a secret without name", native("- store: vault # <- LK0003\n  files: [{ path: a }]")],
  ["a name that is not text", native("- store: vault\n  name: [a] # <- LK0003\n  files: [{ path: a }]")],
  ["a secret without files", native("- store: vault # <- LK0003\n  name: a")],
  [
    "an unknown field of a file",
    native("- store: vault\n  name: a\n  files:\n    - path: a\n      kye: b # <- LK0003"),
  ],
  ["a file without path", native("- store: vault\n  name: a\n  files:\n    - key: b # <- LK0003")],
  ["a way out of the volume", native("- store: vault\n  name: a\n  files:\n    - path: ../a # <- LK0003")],
  ["an absolute path", native("- store: vault\n  name: a\n  files:\n    - path: /a # <- LK0003")],
  ["two files of one path", native("- store: vault\n  name: a\n  files:\n    - path: a\n    - path: a # <- LK0003")],
  ["a file below a file", native("- store: vault\n  name: a\n  files:\n    - path: a\n    - path: a/b # <- LK0003")],
  ["a mode that is none", native("- store: vault\n  name: a\n  files:\n    - path: a\n      mode: rw # <- LK0003")],
  [
    "a mode of too many bits",
    native("- store: vault\n  name: a\n  files:\n    - path: a\n      mode: '7777' # <- LK0003"),
  ],
  ["a key that is none", native("- store: vault\n  name: a\n  files:\n    - path: a\n      key: 'a..b' # <- LK0003")],
  [
    "a decoding that is none",
    native("- store: vault\n  name: a\n  files:\n    - path: a\n      decode: rot13 # <- LK0003"),
  ],
  [
    "a format that is none",
    native("- store: vault\n  name: a\n  files:\n    - path: a\n      format: xml # <- LK0003"),
  ],
  [
    "a JMESPath that is none",
    native("- store: vault\n  name: a\n  files:\n    - path: a\n      jmesPath: 'a[' # <- LK0003"),
  ],
  ["a duration that is none", native("- store: vault\n  name: a\n  refresh: soon # <- LK0003\n  files: [{ path: a }]")],
  [
    "a fallback to no store",
    native(
      "- store: vault\n  name: a\n  files: [{ path: a }]\n  fallback:\n    - store: aws # <- LK0003\n      name: b",
    ),
  ],
  [
    "a fallback that is no list",
    native("- store: vault\n  name: a\n  files: [{ path: a }]\n  fallback: yes # <- LK0003"),
  ],
  [
    "a key of YAML that appears twice",
    native("- store: vault\n  name: a\n  name: b # <- LK0003\n  files: [{ path: a }]"),
  ],
  ["a tab as indentation", native("- store: vault\n\tname: a # <- LK0003")],
  [
    "a bracket that is left open",
    native("- store: vault\n  name: a\n  files: [{ path: a } # <- LK0003\n- store: vault"),
  ],
  ["an alias without anchor", native("- store: vault\n  name: *a # <- LK0003\n  files: []")],
  ["a search beside a name", native("- store: vault\n  name: a # <- LK0003\n  find: { prefix: a/data/b }\n  as: x")],
  [
    "a search that the store cannot make",
    native("- store: vault\n  find: { prefix: a/data/, tags: {} } # <- LK0003\n  as: x"),
  ],
  ["a search without its prefix", native("- store: vault\n  find:\n    kv: 2 # <- LK0003\n  as: x")],
  ["a limit that is too high", native("- store: vault\n  find: { prefix: a/data/, limit: 5000 } # <- LK0003\n  as: x")],
  ["an unknown word of a search", native("- store: vault\n  find: { prefix: a/data/, depth: 1 } # <- LK0003\n  as: x")],
  ["a pattern that is none", native("- store: vault\n  name: a\n  expand:\n    include: '(' # <- LK0003")],
  [
    "a template with an unknown name",
    native(`- { store: vault, name: a, as: db }\n`, vaultStore, {
      templates: "- path: env\n  content: '{{ dx.a }}' # <- LK0003\n",
    }),
  ],
  [
    "a template that does not end",
    native(`- { store: vault, name: a, as: db }\n`, vaultStore, {
      templates: "- path: env\n  content: '{{ db.a' # <- LK0003\n",
    }),
  ],
  ["a template without content", native(good, vaultStore, { templates: "- path: env # <- LK0003\n  mode: '0400'\n" })],
  ["a template at a file's path", native(good, vaultStore, { templates: "- path: a # <- LK0003\n  content: x\n" })],
  ["a notBefore that is not a time", native(good, vaultStore, { notBefore: "tomorrow # <- LK0003" })],
  ["a spread that is not a duration", native(good, vaultStore, { spread: "an hour # <- LK0003" })],
  ["a canary that is not a share", native(good, vaultStore, { canary: "'5' # <- LK0003" })],
  [
    "a parameter that only the kubelet writes",
    native(good, vaultStore, { "csi.storage.k8s.io/pod.name": "x # <- ignored-word" }),
  ],
  [
    "an address without TLS",
    native(good, 'vault: { kind: vault, address: "http://vault:8200", role: shop }\n# plain\n').replace(
      "stores: |",
      "stores: | # <- plain-http",
    ),
  ],
  [
    "an address of the node itself",
    native(good, 'vault: { kind: vault, address: "https://127.0.0.1:8200", role: shop }\n# own\n').replace(
      "stores: |",
      "stores: | # <- refused-address",
    ),
  ],
  [
    "an old password that spread keeps",
    native("- { store: vault, name: a, spread: 1h, files: [{ path: a, key: db.password }] }").replace(
      "secrets: |",
      "secrets: | # <- lost-credential",
    ),
  ],
  [
    "new values that an operator does not try",
    native(tried("host: db, tls: verify")).replace("secrets: |", "secrets: | # <- not-verified"),
    { profiles: [] },
  ],
  [
    "a target on the node itself",
    native(tried("host: 127.0.0.1, tls: verify")).replace("secrets: |", "secrets: | # <- refused-address"),
  ],
  [
    "a target that anybody may play",
    native(tried("host: db, tls: require")).replace("secrets: |", "secrets: | # <- no-tls-check"),
  ],
  [
    "a target that is told the credential in the clear",
    native(
      "- { store: vault, name: a, files: [{ path: a }], verify: { kind: http, url: 'http://api/', token: {} } }",
    ).replace("secrets: |", "secrets: | # <- plain-http"),
  ],
  [
    "a volume without files",
    classOf("latchkey", { secrets: '"[]"' }).replace("  parameters:", "  parameters: # <- empty-volume"),
  ],
];

const vaultDefects: readonly Defect[] = [
  [
    "no address of anybody",
    inVault(object).replace("  parameters:", "  parameters: # <- no-address"),
    { defaultAddress: "refused" },
  ],
  [
    "a missing role",
    inVault(object, { vaultAddress: "https://v" }).replace("  parameters:", "  parameters: # <- LK0003"),
  ],
  ["no objects", classOf("vault", { roleName: "r" }).replace("  parameters:", "  parameters: # <- LK0003")],
  ["an address with a query", inVault(object, { roleName: "r", vaultAddress: "https://v?x=1 # <- LK0020" })],
  [
    "two mounts",
    inVault(object, { roleName: "r", vaultKubernetesMountPath: "a", vaultAuthMountPath: "b" }).replace(
      "  parameters:",
      "  parameters: # <- LK0003",
    ),
  ],
  ["a boolean that is none", inVault(object, { roleName: "r", vaultSkipTLSVerify: "maybe # <- LK0003" })],
  ["a server that nobody checks", inVault(object, { roleName: "r", vaultSkipTLSVerify: '"true" # <- no-tls-check' })],
  [
    "one half of a client certificate",
    inVault(object, { roleName: "r", vaultTLSClientCertPath: "/a" }).replace(
      "  parameters:",
      "  parameters: # <- LK0003",
    ),
  ],
  ["an auth method that is none", inVault(object, { roleName: "r", vaultAuthMethod: "ldap # <- LK0003" })],
  ["a CA that is no PEM", inVault(object, { roleName: "r", vaultCACert: "abc # <- LK0003" })],
  ["a namespace with spaces", inVault(object, { roleName: "r", vaultNamespace: "a b # <- LK0003" })],
  ["a CA parameter of long ago", inVault(object, { roleName: "r", vaultCAPem: "abc # <- ignored-word" })],
  [
    "a path of a service account of long ago",
    inVault(object, { roleName: "r", kubernetesServiceAccountPath: "/x # <- ignored-word" }),
  ],
  ["a misspelt parameter", inVault(object, { roleName: "r", vaultAdress: "https://v # <- unknown-word" })],
  ["a parameter of OpenBao", inVault(object, { roleName: "r", baoAddress: "https://v # <- unknown-word" })],
  ["objects that are no list", inVault("objectName: a # <- LK0003")],
  ["an array of long ago", inVault("array: # <- LK0003\n  - |\n    objectName: a")],
  ["an object in a text", inVault("- | # <- LK0003\n  objectName: a")],
  ["a field that is not text", inVault("- objectName: [a] # <- LK0003\n  secretPath: b")],
  ["a mode in quotes", inVault('- objectName: a\n  secretPath: b\n  filePermission: "0600" # <- LK0003')],
  ["a mode with bits beyond", inVault("- objectName: a\n  secretPath: b\n  filePermission: 01600 # <- weakness")],
  [
    "a name that appears twice",
    inVault("- objectName: a\n  secretPath: b\n- objectName: a # <- LK0003\n  secretPath: c"),
  ],
  ["an object without name", inVault("- secretPath: b # <- LK0003")],
  ["a name with a way out", inVault("- objectName: a/../b # <- LK0003\n  secretPath: b")],
  [
    "an encoding that is none",
    inVault("- objectName: a\n  secretPath: b\n  secretKey: c\n  encoding: gzip # <- LK0003"),
  ],
  ["a method that is none", inVault("- objectName: a\n  secretPath: b\n  method: 'G T' # <- LK0003")],
  ["an output that is none", inVault("- objectName: a\n  secretPath: b\n  output: raw # <- LK0003")],
  ["an output for a key", inVault("- objectName: a\n  secretPath: b\n  secretKey: c\n  output: data # <- LK0003")],
  ["a query that is none", inVault("- objectName: a\n  secretPath: b?x=%zz # <- LK0003")],
  ["arguments that are no map", inVault("- objectName: a\n  secretPath: b\n  secretArgs: [1] # <- LK0003")],
  ["a version of long ago", inVault("- objectName: a\n  secretPath: b\n  objectVersion: 3 # <- ignored-word")],
  ["a path of long ago", inVault("- objectName: a\n  secretPath: b\n  objectPath: c # <- ignored-word")],
  ["a field in the wrong case", inVault("- objectName: a\n  secretPath: b\n  secretkey: c # <- unknown-word")],
];

const awsDefects: readonly Defect[] = [
  ["a region that is none", inAws(`- { objectName: a, ${sm} }`, { region: "'eu west' # <- LK0003" })],
  ["the same region twice", inAws(`- { objectName: a, ${sm} }`, { region: "r1", failoverRegion: "r1 # <- LK0003" })],
  [
    "a translation of two characters",
    inAws(`- { objectName: a, ${sm} }`, { region: "r1", pathTranslation: "__ # <- LK0003" }),
  ],
  [
    "a boolean that is none",
    inAws(`- { objectName: a, ${sm} }`, { region: "r1", usePodIdentity: '"yes" # <- LK0003' }),
  ],
  ["a role that is none", inAws(`- { objectName: a, ${sm} }`, { region: "r1", roleArn: "admin # <- LK0003" })],
  [
    "a tag that is none",
    inAws(`- { objectName: a, ${sm} }`, {
      region: "r1",
      assumeRoleArn: "arn:aws:iam::1:role/r",
      assumeRoleSessionTags: "x # <- LK0003",
    }).replace("::1:", "::123456789012:"),
  ],
  [
    "an external id without role",
    inAws(`- { objectName: a, ${sm} }`, { region: "r1", assumeRoleExternalId: "abc" }).replace(
      "  parameters:",
      "  parameters: # <- LK0003",
    ),
  ],
  [
    "a misspelt parameter",
    inAws(`- { objectName: a, ${sm} }`, { region: "r1", failOverRegion: "r2 # <- unknown-word" }),
  ],
  ["an item that is empty", inAws(`- { objectName: a, ${sm} }\n- # <- LK0003`)],
  ["a missing name", inAws(`- ${sm} # <- LK0003`)],
  ["a missing type", inAws("- objectName: a # <- LK0003")],
  ["a type that is none", inAws("- objectName: a\n  objectType: ssm # <- LK0003")],
  ["an ARN that is none", inAws("- objectName: 'arn:aws:x' # <- LK0003")],
  ["an ARN of another region", inAws("- objectName: arn:aws:secretsmanager:us-east-1:1:secret:a # <- LK0003")],
  ["an ARN of another service", inAws("- objectName: arn:aws:s3:eu-west-1:1:a # <- LK0003")],
  ["a type that is not the ARN's", inAws(`- objectName: arn:aws:ssm:eu-west-1:1:parameter/a\n  ${sm} # <- LK0003`)],
  ["a mode without quotes", inAws(`- objectName: a\n  ${sm}\n  filePermission: 0600 # <- LK0003`)],
  [
    "a version and a label",
    inAws("- objectName: a # <- LK0003\n  objectType: ssmparameter\n  objectVersion: 3\n  objectVersionLabel: x"),
  ],
  [
    "an alias with a way out",
    inAws(`- objectName: a\n  objectAlias: ../a # <- LK0003\n  ${sm}`, { region: "r1", pathTranslation: '"False"' }),
  ],
  ["an alias that the driver keeps", inAws(`- objectName: a\n  objectAlias: ..data # <- LK0003\n  ${sm}`)],
  [
    "one name twice",
    inAws(`- { objectName: a, ${sm} }\n- { objectName: a, ${sm} } # <- LK0003, file-collision`).replace(
      ", file-collision",
      "",
    ),
  ],
  [
    "one alias twice",
    inAws(`- { objectName: a, objectAlias: x, ${sm} }\n- { objectName: b, objectAlias: x, ${sm} } # <- LK0003`),
  ],
  [
    "two names that become one file",
    inAws(`- { objectName: a/b, ${sm} }\n- { objectName: a_b, ${sm} } # <- file-collision`),
  ],
  [
    "a JMESPath that is none",
    inAws(`- objectName: a\n  ${sm}\n  jmesPath:\n    - path: 'a[' # <- LK0003\n      objectAlias: b`),
  ],
  ["a JMESPath without alias", inAws(`- objectName: a\n  ${sm}\n  jmesPath:\n    - path: b # <- LK0003`)],
  ["a JMESPath without path", inAws(`- objectName: a\n  ${sm}\n  jmesPath:\n    - objectAlias: b # <- LK0003`)],
  [
    "JMESPaths that are no list",
    inAws(`- objectName: a\n  ${sm}\n  jmesPath: # <- LK0003\n    path: b\n    objectAlias: c`).replace(
      "jmesPath: # <- LK0003\n          path: b",
      "jmesPath:\n          path: b # <- LK0003",
    ),
  ],
  [
    "a failover object without region",
    inAws(`- objectName: a\n  ${sm}\n  objectAlias: x\n  failoverObject:\n    objectName: b # <- LK0003`),
  ],
  [
    "a failover object without alias",
    inAws(`- objectName: a\n  ${sm}\n  failoverObject:\n    objectName: b # <- LK0003`, {
      region: "r1",
      failoverRegion: "r2",
    }),
  ],
  ["a decoding that is none", inAws(`- objectName: a\n  ${sm}\n  decode: hex # <- LK0003`)],
  ["a flag that is none", inAws(`- objectName: a\n  ${sm}\n  allKeys: perhaps # <- LK0003`)],
  ["an unknown field", inAws(`- objectName: a\n  ${sm}\n  objectAlais: b # <- unknown-word`)],
  [
    "an unknown field of a JMESPath",
    inAws(
      `- objectName: a\n  ${sm}\n  jmesPath:\n    - path: b\n      objectAlias: c\n      objectType: x # <- unknown-word`,
    ),
  ],
  ["an empty list", inAws("[]\n").replace("  parameters:", "  parameters: # <- empty-volume")],
];

const pod = (mount: string, volume = "readOnly: true") => `---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  template:
    spec:
      containers:
        - name: web
          volumeMounts:
            - name: secrets
${mount.replace(/^(?=.)/gm, "              ")}
      volumes:
        - name: secrets
          csi:
            driver: secrets-store.csi.k8s.io
            ${volume}
            volumeAttributes: { secretProviderClass: web }
`;

const synced = (data: string) =>
  `  secretObjects:\n    - secretName: s\n      type: Opaque\n      data:\n        ${data}\n`;

const named = (name: string) =>
  pod("mountPath: /a").replace("{ secretProviderClass: web }", `\n              secretProviderClass: ${name}`);

const withSecret = classOf("vault", { roleName: "r", objects: object }, synced("- { objectName: a, key: k }"));

/** Another container, which takes a key of the Secret `s`. */
const wants = (key: string) =>
  `      initContainers:\n        - name: init\n          env:\n            - name: A\n              valueFrom:\n                secretKeyRef:\n                  name: s\n                  key: ${key}\n`;

const kubernetesDefects: readonly Defect[] = [
  ["a file that is no YAML", "a: [ # <- bad-yaml\nb: c # comment\n"],
  ["no object at all", "replicas: 1 # <- no-class\n"],
  ["a kind in the wrong case", inVault(object).replace("SecretProviderClass", "SecretProviderclass # <- bad-class")],
  ["a version of another group", inVault(object).replace("secrets-store.csi.x-k8s.io/v1", "v1 # <- bad-class")],
  [
    "a name that is a boolean",
    inVault(object).replace("name: web, namespace: shop }", "namespace: shop, name: n } # <- bad-class"),
  ],
  ["a provider that is none", classOf("valt # <- unknown-provider", { a: "b" })],
  ["a provider of somebody else", classOf("akeyless # <- other-provider", { a: "b" })],
  ["no provider", classOf("'' # <- bad-class", { a: "b" })],
  [
    "no spec",
    "apiVersion: secrets-store.csi.x-k8s.io/v1\nkind: SecretProviderClass\nmetadata:\n  name: a # <- bad-class\n",
  ],
  [
    "no name",
    "apiVersion: secrets-store.csi.x-k8s.io/v1 # <- bad-class, unknown-provider\nkind: SecretProviderClass\nspec: { provider: akeyless }\n"
      .replace(", unknown-provider", "")
      .replace("provider: akeyless }", "provider: akeyless } # <- other-provider"),
  ],
  ["a version of long ago", inVault(object).replace("csi.x-k8s.io/v1", "csi.x-k8s.io/v1alpha1 # <- bad-class")],
  [
    "a parameter that is a list",
    classOf("vault", { roleName: "r" }).concat(
      "    objects:\n      - { objectName: a, secretPath: b } # <- bad-class\n",
    ),
  ],
  [
    "a parameter that is a boolean",
    inVault(object, { roleName: "r", vaultSkipTLSVerify: "true # <- no-tls-check, bad-class" }),
  ],
  ["a parameter that appears twice", inVault(object).concat("    roleName: x # <- repeated-key\n")],
  [
    "two of one name",
    `${inVault(object)}---\n${inVault(object).replace("metadata: { name: web, namespace: shop }", "metadata: { name: web, namespace: shop } # <- repeated-class")}`,
  ],
  [
    "a Secret of a file that is not there",
    classOf("vault", { roleName: "r", objects: object }, synced("- { objectName: b, key: k } # <- no-such-file")),
  ],
  [
    "a Secret of a file that is not there, where the profile is not known",
    classOf(
      "latchkey",
      {
        stores: "files: { profile: p } # <- unknown-profile\n",
        secrets: "- { store: files, name: n, files: [{ path: a }] }\n",
      },
      synced("- { objectName: b, key: k } # <- no-such-file"),
    ),
  ],
  [
    "a Secret without key",
    classOf("vault", { roleName: "r", objects: object }, synced("- { objectName: a } # <- bad-secret-object")),
  ],
  [
    "a Secret without data",
    classOf(
      "vault",
      { roleName: "r", objects: object },
      "  secretObjects:\n    - secretName: s # <- bad-secret-object\n      type: Opaque\n",
    ),
  ],
  [
    "two Secrets of one name",
    classOf(
      "vault",
      { roleName: "r", objects: object },
      `${synced("- { objectName: a, key: k }")}    - type: Opaque\n      secretName: s # <- bad-secret-object\n      data: [{ objectName: a, key: k }]\n`,
    ),
  ],
  [
    "a type of Secret that is nearly one",
    classOf(
      "vault",
      { roleName: "r", objects: object },
      synced("- { objectName: a, key: k }").replace("Opaque", "opaque # <- unknown-secret-type"),
    ),
  ],
  ["a subPath mount", inVault(object) + pod("subPath: a # <- stale-subpath")],
  ["a subPath mount of a file that is not there", inVault(object) + pod("subPath: b # <- no-such-file")],
  ["a subPathExpr mount", inVault(object) + pod("subPathExpr: $(X) # <- stale-subpath")],
  [
    "a file that its pod cannot read",
    inVault(object.replace(" }", ", filePermission: 0440 }")) +
      pod("mountPath: /a")
        .replace("name: secrets\n", "name: secrets # <- unreadable-file\n")
        .replace("containers:", "securityContext: { runAsUser: 1000 }\n      containers:"),
  ],
  ["a SecretProviderClass that is misspelt", inVault(object) + named("wbe # <- no-such-class")],
  [
    "a SecretProviderClass of another namespace",
    inVault(object).replace("shop }", "back }") + named("web # <- no-such-class"),
  ],
  ["a SecretProviderClass that is not here", inVault(object) + named("payments # <- unseen-class")],
  ["a volume without SecretProviderClass", inVault(object) + named("'' # <- bad-volume")],
  ["a Secret's key that is not there", withSecret + pod("mountPath: /a") + wants("b # <- no-such-key, stale-variable")],
  [
    "a Secret of a volume that is not there",
    withSecret +
      pod("mountPath: /a").replace("secrets-store.csi", "other.csi") +
      wants("k # <- unmounted-secret, stale-variable"),
  ],
  [
    "a Secret that only a Job keeps fresh",
    withSecret.replace("name: web, namespace: shop }", "name: web, namespace: shop } # <- unkept-secret") +
      pod("mountPath: /a").replace("Deployment", "Job"),
  ],
  [
    "two stages that Reloader restarts its pods for, each",
    classOf("latchkey", {
      stores: "aws: { kind: aws-secrets-manager, region: eu-west-1 }\n#\n",
      secrets:
        "- { store: aws, name: a, files: [{ path: a }] }\n- { store: aws, name: a, share: pod, versionStage: AWSPREVIOUS, files: [{ path: b }] }\n",
    }) +
      pod("mountPath: /a").replace(
        /metadata: .*/,
        "metadata: { name: w, namespace: shop, annotations: { reloader.stakater.com/auto: 'true' } } # <- two-restarts",
      ),
  ],
  [
    "a volume without the credentials of its login",
    inVault(object, { vaultAuthMethod: "approle" }) + pod("mountPath: /a", "readOnly: true # <- LK0016"),
  ],
  ["a volume that can be written", inVault(object) + pod("mountPath: /a", "readOnly: false # <- writable-volume")],
];

/** Every kind of defect that lint has to find, at its line. */
export const defects: readonly Defect[] = [
  ...nativeDefects.map(([what, ...rest]): Defect => [`native: ${what}`, ...rest]),
  ...vaultDefects.map(([what, ...rest]): Defect => [`vault: ${what}`, ...rest]),
  ...awsDefects.map(([what, ...rest]): Defect => [`aws: ${what}`, ...rest]),
  ...kubernetesDefects,
];
