import { describe, expect, it } from "vitest";
import { lintFiles } from "../../src/lint/lint-files.ts";
import { classOf, lintText, sentences, surroundings } from "./lint-of.ts";

const vault = { roleName: "r", vaultAddress: "https://v" };
const objects = "- { objectName: password, secretPath: b }\n- { objectName: user, secretPath: c }\n";
const synced = `  secretObjects:
    - secretName: db
      type: Opaque
      data: [{ objectName: password, key: password }, { objectName: user, key: user.name }]
`;
const web = classOf("vault", { ...vault, objects }, synced);
const native = classOf("latchkey", {
  stores: 'v: { kind: vault, address: "https://v", role: r }\n#\n',
  secrets: "- { store: v, name: a, files: [{ path: password }] }\n",
  kubernetesSecrets: `- { name: db, data: { password: { file: password } } }
- { name: frozen, immutable: true, data: { password: { file: password } } }
`,
});

const csi = (attributes = "{ secretProviderClass: web }", more = "") =>
  `{ name: secrets, csi: { driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: ${attributes}${more} } }`;

/** A pod, its parts in flow style. */
function pod({
  metadata = "{ name: p, namespace: shop }",
  volumes = [csi()],
  container = "{ name: c }",
  spec = "",
}): string {
  return `---
apiVersion: v1
kind: Pod
metadata: ${metadata}
spec:
  containers: [${container}]
  volumes: [${volumes.join(", ")}]
${spec}`;
}

const env = (name: string, key: string, more = "") =>
  `{ name: c, env: [{ name: A, valueFrom: { secretKeyRef: { name: ${name}, key: ${key}${more} } } }] }`;

/** Everything but what a rotation does, which has tests of its own. */
async function said(text: string): Promise<readonly string[]> {
  return sentences(
    (await lintText(text)).findings.filter(({ id }) => id !== "stale-variable" && id !== "unkept-secret"),
  );
}

describe("lint of a pod's SecretProviderClass", () => {
  it("looks for it in every file of the run", async () => {
    const files = [
      { file: "pod.yaml", text: pod({ volumes: [csi("{ secretProviderClass: wbe }")] }) },
      { file: "class.yaml", text: web },
    ];
    const { findings } = await lintFiles(files, surroundings());
    expect(findings.map(({ file, line, id, fix }) => [file, line, id, fix])).toEqual([
      ["pod.yaml", 7, "no-such-class", 'did you mean "web"?'],
    ]);
    expect((await lintFiles(files.toReversed(), surroundings())).findings.length).toBe(1);
  });

  const elsewhere = (message: string, fix: string) => `warning unseen-class volume "secrets": ${message}: ${fix}`;

  it.each([
    [
      "is misspelt",
      web + pod({ volumes: [csi("{ secretProviderClass: wbe }")] }),
      'error no-such-class volume "secrets": there is no SecretProviderClass "wbe" in namespace "shop": did you mean "web"?',
    ],
    [
      "has another case",
      web + pod({ volumes: [csi("{ secretProviderClass: Web }")] }),
      'error no-such-class volume "secrets": there is no SecretProviderClass "Web" in namespace "shop": did you mean "web"?',
    ],
    [
      "is in another namespace",
      web + pod({ metadata: "{ name: p, namespace: front }" }),
      'error no-such-class volume "secrets": SecretProviderClass "web" is in namespace "shop", but pods in "front" can use only those of their own namespace: move it to namespace "front"',
    ],
    [
      "names its namespace where the pod names none",
      web + pod({ metadata: "{ name: p }" }),
      elsewhere(
        'SecretProviderClass "web" names the namespace "shop", and the pod names none',
        "write metadata.namespace in both, or give --namespace shop",
      ),
    ],
    [
      "names no namespace where the pod does",
      web.replace(", namespace: shop", "") + pod({}),
      elsewhere(
        'SecretProviderClass "web" names no namespace, and the pod names "shop"',
        "write metadata.namespace in both, or give --namespace shop",
      ),
    ],
    [
      "is not in the input",
      web + pod({ volumes: [csi("{ secretProviderClass: payments }")] }),
      elsewhere(
        'SecretProviderClass "payments" is not in the input, so this volume is not checked',
        "name its file too",
      ),
    ],
    [
      "differs by a number alone",
      web + pod({ volumes: [csi("{ secretProviderClass: web2 }")] }),
      elsewhere('SecretProviderClass "web2" is not in the input, so this volume is not checked', "name its file too"),
    ],
    [
      "is not named",
      web + pod({ volumes: [csi("{}")] }),
      'error bad-volume volume "secrets": it names no SecretProviderClass: write volumeAttributes: { secretProviderClass: ... }',
    ],
    [
      "is named by another word",
      web + pod({ volumes: [csi("{ secretproviderClass: web }")] }),
      'error bad-volume volume "secrets": it names no SecretProviderClass: rename "secretproviderClass" to secretProviderClass',
    ],
    [
      "is called by a boolean",
      web + pod({ volumes: [csi("{ secretProviderClass: n }")] }),
      'error bad-volume volume "secrets": secretProviderClass is the boolean false to Kubernetes, not text: put it in quotes',
    ],
    [
      "is not named, without any class",
      pod({ volumes: ["{ name: secrets, csi: { driver: secrets-store.csi.k8s.io, readOnly: true } }"] }),
      'error bad-volume volume "secrets": it names no SecretProviderClass: write volumeAttributes: { secretProviderClass: ... }',
    ],
    [
      "needs credentials that the volume does not bring",
      classOf("vault", { vaultAddress: "https://v", vaultAuthMethod: "approle", objects }) + pod({}),
      'error LK0016 volume "secrets": SecretProviderClass "web" logs in with what a Secret holds, and the volume names none: write nodePublishSecretRef: { name: ... } beside driver',
    ],
  ])("tells where it %s", async (_, text, expected) => {
    expect(await said(text)).toEqual([expected]);
  });

  it.each([
    ["a class of the namespace", web + pod({})],
    [
      "a class and a pod that name no namespace",
      web.replace(", namespace: shop", "") + pod({ metadata: "{ name: p }" }),
    ],
    ["a class that is named before it is there", `${pod({}).slice(4)}---\n${web}`],
    ["no class in the input", pod({})],
    [
      "a class of the same name beside that of another namespace",
      `${web}---\n${web.replace("namespace: shop", "namespace: front")}${pod({})}`,
    ],
    ["a volume of another driver", web + pod({ volumes: ["{ name: x, csi: { driver: a.b, volumeAttributes: {} } }"] })],
    [
      "credentials for a login that needs them",
      classOf("vault", { vaultAddress: "https://v", vaultAuthMethod: "approle", objects }) +
        pod({ volumes: [csi(undefined, ", nodePublishSecretRef: { name: approle }")] }),
    ],
  ])("says nothing of %s", async (_, text) => {
    expect(await said(text)).toEqual([]);
  });
});

const noKey = (subject: string, key: string, fix: string) =>
  `error no-such-key ${subject}: the Secret "db", which SecretProviderClass "web" makes, has no key "${key}": ${fix}`;

describe("lint of a pod's Secrets", () => {
  it.each([
    [
      "secretKeyRef",
      pod({ container: env("db", "pasword") }),
      noKey('container "c"', "pasword", 'did you mean "password"?'),
    ],
    [
      "secretKeyRef with no near key",
      pod({ container: env("db", "token") }),
      noKey('container "c"', "token", 'it has password, "user.name"'),
    ],
    [
      "items of a volume",
      pod({
        volumes: [
          csi(),
          "{ name: s, secret: { secretName: db, items: [{ key: password, path: a }, { key: usr, path: b }] } }",
        ],
      }),
      noKey('volume "s"', "usr", 'it has password, "user.name"'),
    ],
    [
      "items of a projected volume",
      pod({
        volumes: [
          csi(),
          "{ name: s, projected: { sources: [{ secret: { name: db, items: [{ key: user_name, path: b }] } }] } }",
        ],
      }),
      noKey('volume "s"', "user_name", 'did you mean "user.name"?'),
    ],
    [
      "an image pull",
      pod({ spec: "  imagePullSecrets: [{ name: db }]\n" }),
      noKey("imagePullSecrets[0]", ".dockerconfigjson", 'it has password, "user.name"'),
    ],
  ])("tells of a key that secretObjects does not make, in %s", async (_, text, expected) => {
    expect(await said(web + text)).toEqual([expected]);
  });

  it("tells of it in an init container, in a CronJob, and with kubernetesSecrets", async () => {
    const job = `---
apiVersion: batch/v1
kind: CronJob
metadata: { name: j, namespace: shop }
spec:
  jobTemplate:
    spec:
      template:
        spec:
          initContainers: [${env("db", "user")}]
          volumes: [${csi()}]
`;
    expect(await said(native + job)).toEqual([noKey('container "c"', "user", "it has password")]);
  });

  const unmounted = (subject: string, when = "is made") =>
    `warning unmounted-secret ${subject}: the Secret "db" ${when} when a pod mounts SecretProviderClass "web", and this one does not: mount it in this pod too`;

  it.each([
    ["secretKeyRef", web + pod({ volumes: [], container: env("db", "password") }), unmounted('container "c"')],
    [
      "envFrom",
      web + pod({ volumes: [], container: "{ name: c, envFrom: [{ secretRef: { name: db } }] }" }),
      unmounted('container "c"'),
    ],
    ["a volume", web + pod({ volumes: ["{ name: s, secret: { secretName: db } }"] }), unmounted('volume "s"')],
    ["kubernetesSecrets", native + pod({ volumes: [], container: env("db", "password") }), unmounted('container "c"')],
  ])("tells of a Secret whose class the pod does not mount, in %s", async (_, text, expected) => {
    expect(await said(text)).toEqual([expected]);
  });

  it("tells of each Secret once", async () => {
    const container = `{ name: c, envFrom: [{ secretRef: { name: db } }, { secretRef: { name: db } }] }, ${env("db", "password")}`;
    expect(await said(web + pod({ volumes: [], container }))).toEqual([unmounted('container "c"')]);
  });

  const own = "---\napiVersion: v1\nkind: Secret\nmetadata: { name: db, namespace: shop }\n";

  it.each([
    ["a key that is made", web + pod({ container: env("db", "user.name") })],
    ["a Secret that nobody here makes", web + pod({ container: env("dbs", "x") })],
    [
      "a Secret of another namespace",
      web + pod({ metadata: "{ name: p, namespace: other }", volumes: [], container: env("db", "x") }),
    ],
    ["a key that is optional", web + pod({ container: env("db", "x", ", optional: true") })],
    ["a Secret that is in the input itself", web + own + pod({ container: env("db", "x") })],
    ["a Secret whose name has a hash behind it", native + pod({ container: env("frozen", "x") })],
    ["all keys of a Secret", web + pod({ container: "{ name: c, envFrom: [{ secretRef: { name: db } }] }" })],
    [
      "a key that another class makes in the same Secret",
      `${web}---\n${classOf("vault", { ...vault, objects }, synced.replaceAll("password", "user")).replace("name: web", "name: api")}` +
        pod({ container: env("db", "user") }),
    ],
  ])("says nothing of %s", async (_, text) => {
    expect(await said(text)).toEqual([]);
  });
});
