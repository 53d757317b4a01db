import { describe, expect, it } from "vitest";
import { helm } from "../servers/helm.ts";
import { type Container, render, settingsOf } from "./rendered.ts";

// Helm is made on first use.
await helm(["version"]);

const directory = "/var/log/latchkey";
const emptyDir = { volume: { emptyDir: { sizeLimit: "1Gi" } } };
const hostPath = { volume: { hostPath: { path: "/var/log/latchkey", type: "DirectoryOrCreate" } } };

const mountsOf = ({ volumeMounts }: Container) => volumeMounts.filter(({ name }) => name.startsWith("audit"));
const namedAudit = (volumes: readonly Record<string, unknown>[]) =>
  volumes.filter(({ name }) => `${name}`.startsWith("audit"));

/** A kept cache has steps of its own. */
const cache = { persistent: false };

describe("the audit log of the chart", () => {
  it.each([
    {},
    { mode: "off", keySecretName: "k", file: emptyDir },
    { mode: false, keySecretName: "k", file: hostPath },
  ])("is off, with nothing mounted: %o", async (audit) => {
    const { pod, container } = await render({ audit });
    expect([...settingsOf(container).keys()].filter((name) => name.startsWith("audit"))).toEqual([]);
    expect([...mountsOf(container), ...namedAudit(pod.volumes)]).toEqual([]);
  });

  it("goes to standard output where there is no volume", async () => {
    const { container } = await render({ audit: { mode: "best-effort" } });
    expect(["audit", "auditFile"].map((name) => settingsOf(container).get(name))).toEqual(["best-effort", "-"]);
    expect(mountsOf(container)).toEqual([]);
  });

  it("is a file of the node's name in the volume, which is mounted to be written, and the key to be read", async () => {
    const { pod, container } = await render({ audit: { mode: "required", keySecretName: "k", file: emptyDir } });
    expect(container.args).toContain(`--audit-file=${directory}/$(NODE_NAME).audit.log`);
    expect(container.args).toContain("--audit-key-file=/etc/latchkey/audit-key/key");
    expect(container.env?.map(({ name }) => name)).toContain("NODE_NAME");
    expect(mountsOf(container)).toEqual([
      { name: "audit", mountPath: directory },
      { name: "audit-key", mountPath: "/etc/latchkey/audit-key", readOnly: true },
    ]);
    expect(namedAudit(pod.volumes)).toMatchObject([
      { name: "audit", ...emptyDir.volume },
      { name: "audit-key", secret: { secretName: "k" } },
    ]);
  });

  it.each([
    ["driver", "/var/log/latchkey/$(NODE_NAME).audit.log"],
    ["provider", "/var/log/latchkey/$(NODE_NAME).root.audit.log"],
  ])("is another file for each user, which could not write the other's, with deliver=%s", async (deliver, file) => {
    const { container } = await render({ deliver, audit: { mode: "required", file: hostPath } });
    expect(container.args).toContain(`--audit-file=${file}`);
  });

  it("has the node's directory opened to Latchkey's group before the start, for a hostPath gets no group", async () => {
    const { pod } = await render({ cache, audit: { mode: "required", file: hostPath } });
    const step = pod.initContainers?.find(({ name }) => name === "directories");
    expect(step?.args.at(-1)).toBe(directory);
    expect(mountsOf(step as Container)).toEqual([{ name: "audit", mountPath: directory }]);
    const other = (await render({ cache, audit: { mode: "required", file: emptyDir } })).pod.initContainers?.[0];
    expect([other?.args.at(-1), mountsOf(other as Container)]).toEqual(["latchkey", []]);
  });

  it("needs no such step where Latchkey is root", async () => {
    const { pod } = await render({ cache, deliver: "provider", audit: { mode: "required", file: hostPath } });
    expect(pod).not.toHaveProperty("initContainers");
    expect(mountsOf(pod.containers[0])).toEqual([{ name: "audit", mountPath: directory }]);
  });
});
