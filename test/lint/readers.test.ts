import { describe, expect, it } from "vitest";
import { kindOf, yamlBlocks } from "../docs/blocks.ts";
import { classOf, lintText } from "./lint-of.ts";

/** A class of every kind of file: two of a secret, a template, and one for each key. */
const native = classOf("latchkey", {
  stores: 'vault: { kind: vault, address: "https://vault:8200", role: shop }\n#\n',
  secrets: `- store: vault
  name: secret/data/db
  as: db
  files:
    - { path: db/user, key: user }
    - { path: db/pass, key: pass, mode: "0440" }
`,
  templates: '- { path: app.env, content: "P={{ db.pass }}", mode: "0400" }\n#\n',
});
const expanded = classOf("latchkey", {
  stores: 'vault: { kind: vault, address: "https://vault:8200", role: shop }\n#\n',
  secrets: '- { store: vault, name: secret/data/db, expand: { path: "db/", mode: "0400" } }\n#\n',
});
const inVault = (mode: string) =>
  classOf("vault", { roleName: "r", objects: `- { objectName: a, secretPath: b, filePermission: ${mode} }\n#\n` });
const inAws = (mode: string) =>
  classOf("aws", {
    region: "r1",
    objects: `- { objectName: a, objectType: ssmparameter, filePermission: "${mode}" }\n#\n`,
  });

const pod = (ofPod: string, own = "{}", mount = "") => `---
apiVersion: v1
kind: Pod
metadata: { name: web, namespace: shop }
spec:
  securityContext: ${ofPod}
  containers:
    - name: main
      securityContext: ${own}
      volumeMounts: [{ name: other, mountPath: /o }, { name: secrets, mountPath: /s${mount} }]
  volumes:
    - { name: other, emptyDir: {} }
    - name: secrets
      csi: { driver: secrets-store.csi.k8s.io, readOnly: true, volumeAttributes: { secretProviderClass: web } }
`;

/** Returns what lint says of files that cannot be read. */
async function said(text: string): Promise<readonly string[]> {
  const { findings } = await lintText(text);
  return findings
    .filter(({ id }) => id === "unreadable-file")
    .map(({ severity, subject, message, fix }) => `${severity} ${subject}: ${message}. Fix: ${fix}`);
}

const start = 'warning container "main": ';
const end = ": the volume's files belong to root, whatever fsGroup says";
const group = "have the pod join group 0 (securityContext.supplementalGroups: [0])";
const pass = '"db/pass" (mode 0440) and 1 more';

describe("lint of a file's mode beside its pod", () => {
  it.each([
    [
      "a user of the pod",
      native,
      pod("{ runAsUser: 1000, runAsGroup: 1000 }"),
      `user 1000 cannot read ${pass}${end}. Fix: give the file mode 0444, or ${group}`,
    ],
    [
      "a user of the container",
      native,
      pod("{}", "{ runAsUser: 1, runAsGroup: 1 }"),
      `user 1 cannot read ${pass}${end}. Fix: give the file mode 0444, or ${group}`,
    ],
    [
      "fsGroup",
      native,
      pod("{ runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000 }"),
      `user 1000 cannot read ${pass}${end}. Fix: give the file mode 0444, or ${group}`,
    ],
    [
      "a user whose group is the image's",
      native,
      pod("{ runAsUser: 1000 }"),
      `user 1000 cannot read ${pass} unless its group is 0${end}. Fix: give the file mode 0444, or ${group}`,
    ],
    [
      "a user that is the image's",
      native,
      pod("{ runAsNonRoot: true }"),
      `a user that is not root cannot read ${pass} unless its group is 0${end}. Fix: give the file mode 0444, or ${group}`,
    ],
    [
      "group 0",
      native,
      pod("{ runAsUser: 1000, supplementalGroups: [5, 0] }"),
      `user 1000 cannot read "app.env" (mode 0400)${end}. Fix: give the file mode 0440`,
    ],
    [
      "fsGroup 0",
      native,
      pod("{ runAsNonRoot: true, fsGroup: 0 }"),
      `a user that is not root cannot read "app.env" (mode 0400)${end}. Fix: give the file mode 0440`,
    ],
    [
      "files of keys",
      expanded,
      pod("{ runAsUser: 1000 }"),
      `user 1000 cannot read "secrets[0].expand" (mode 0400)${end}. Fix: give the file mode 0444; or 0440, and ${group}`,
    ],
    [
      "a subPath",
      native,
      pod("{ runAsUser: 1000, runAsGroup: 0 }", "{}", ", subPath: app.env"),
      `user 1000 cannot read "app.env" (mode 0400)${end}. Fix: give the file mode 0440`,
    ],
    [
      "dialect vault",
      inVault("0400"),
      pod("{ runAsUser: 1000 }"),
      `user 1000 cannot read "a" (mode 0400)${end}. Fix: give the file mode 0444; or 0440, and ${group}`,
    ],
    [
      "dialect aws",
      inAws("0440"),
      pod("{ runAsNonRoot: true, runAsGroup: 3 }"),
      `a user that is not root cannot read "a" (mode 0440)${end}. Fix: give the file mode 0444, or ${group}`,
    ],
  ])("warns with %s", async (_, object, text, expected) => {
    expect(await said(object + text)).toEqual([start + expected]);
  });

  it.each([
    ["says nothing of users", native, pod("{}")],
    ["is root", native, pod("{ runAsUser: 0 }")],
    [
      "is root in this container",
      native,
      pod("{ runAsUser: 1000, runAsNonRoot: true }", "{ runAsUser: 0, runAsNonRoot: false }"),
    ],
    ["may be root in this container", native, pod("{ runAsNonRoot: true }", "{ runAsNonRoot: false }")],
    ["mounts a file that all may read", native, pod("{ runAsUser: 1000 }", "{}", ", subPath: db/user")],
    ["has group 0, which may read", inAws("0440"), pod("{ runAsUser: 1000, runAsGroup: 0 }")],
    ["has files that all may read", inVault("0444"), pod("{ runAsUser: 1000 }")],
    ["has files of the driver's mode", inVault("0"), pod("{ runAsUser: 1000 }")],
    ["uses a class of another input", "", pod("{ runAsUser: 1000 }")],
  ])("says nothing where the pod %s", async (_, object, text) => {
    expect(await said(object + text)).toEqual([]);
  });

  it("says nothing of docs/install.md, whose pod is not root, and would where it showed 0440", async () => {
    const blocks = (await yamlBlocks()).filter(({ place, text }) => {
      return place.startsWith("docs/install.md") && ["class", "manifest"].includes(kindOf(text) ?? "");
    });
    const shown = blocks.map(({ text }) => text).join("---\n");
    expect(await said(shown)).toEqual([]);
    expect(await said(shown.replace('"0444"', '"0440"'))).toEqual([
      `${start}user 1000 cannot read "db/password" (mode 0440)${end}. Fix: give the file mode 0444, or ${group}`,
    ]);
  });
});
