import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { StartStore } from "./store.ts";

const SPC = `apiVersion: secrets-store.csi.x-k8s.io/v1
kind: SecretProviderClass
metadata: { name: web, namespace: shop }
spec:
  provider: latchkey
  parameters:
    stores: |
      files: { profile: demo-files }     # a directory that the operator named
    secrets: |
      - store: files
        name: db.yaml                    # one secret, two files
        files:
          - { path: db/username, key: username }
          - { path: db/password, key: password, mode: "0400" }
      - store: files
        name: stripe.key
        files: [{ path: stripe.key, mode: "0440" }]
`;

const MISTAKE = `spec:
  provider: latchkey
  parameters:
    stores: |
      files: { profile: demo-files }
    secrets: |
      - store: file                      # the store is called files
        name: db.yaml
        files: [{ path: db/password, kee: password }]
      - store: files
        name: stripe.key
        files: [{ path: stripe.key, mode: "0999" }]
`;

/** The embedded store: a directory of files, one a secret. */
export const startFileStore: StartStore = async (directory) => {
  const secrets = join(directory, "secrets", "shop");
  const put = async (name: string, text: string) => {
    await writeFile(join(secrets, `.${name}`), text, { mode: 0o600 });
    await rename(join(secrets, `.${name}`), join(secrets, name));
  };
  await mkdir(secrets, { recursive: true });
  await put("db.yaml", "username: shop\npassword: first-demo-password\n");
  await put("stripe.key", "not-a-real-key\n");
  return {
    name: "file",
    provider: "latchkey",
    audience: "latchkey",
    spc: SPC,
    mistake: {
      spc: MISTAKE,
      what: "with mistakes",
      named: "every mistake in the SecretProviderClass is",
      says: ['"file"', '"kee"', '"0999"'],
    },
    files: [
      ["db/password", "-r--------"],
      ["db/username", "-rw-r--r--"],
      ["stripe.key", "-r--r-----"],
    ],
    calls: { first: { login: 0, read: 2 }, later: { login: 0, read: 2 } },
    config: {
      profiles: {
        "demo-files": { kind: "file", directory: join(directory, "secrets", "{namespace}"), namespaces: ["shop"] },
      },
    },
    flags: [],
    notes: [],
    rotation: "Somebody writes a new password into db.yaml",
    rotate: async () => {
      await put("db.yaml", "username: shop\npassword: second-demo-password\n");
      return "db/password";
    },
    reads: async () => undefined,
    stop: async () => undefined,
  };
};
