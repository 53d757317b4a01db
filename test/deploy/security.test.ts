import { describe, expect, it } from "vitest";
import { helm, type Values } from "../servers/helm.ts";
import { render } from "./rendered.ts";

// Helm is made on first use.
await helm(["version"]);

const inMemory = { cache: { persistent: false } };
const cases: readonly Values[] = [{}, { deliver: "provider" }, inMemory, { deliver: "provider", ...inMemory }];

describe("the chart's containers", () => {
  it.each(cases)("have no capability, no writable image and not the host's network: %o", async (values) => {
    const { pod, containers } = await render(values);
    expect(pod).not.toHaveProperty("hostNetwork");
    expect(pod.securityContext).toMatchObject({ seccompProfile: { type: "RuntimeDefault" } });
    for (const { securityContext } of containers) {
      expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
      expect(securityContext.capabilities).toEqual({ drop: ["ALL"] });
    }
  });

  it.each(cases)("say that they are not root, each that is not: %o", async (values) => {
    const { containers } = await render(values);
    const users = containers.map(({ name, securityContext: { runAsUser, runAsNonRoot } }) => [
      name,
      runAsUser,
      runAsNonRoot,
    ]);
    const isRoot = values.deliver === "provider";
    const [user, isOther] = isRoot ? [0, false] : [65532, true];
    expect(users).toEqual([
      ...(isRoot ? [] : [["directories", 0, false]]),
      ...(isRoot && values.cache === undefined ? [["former-cache", 65532, true]] : []),
      ...(values.cache === undefined ? [["cache-directory", user, isOther]] : []),
      ["latchkey", user, isOther],
    ]);
  });

  it.each(cases)("have the SELinux label of the values, and none of their own: %o", async (values) => {
    const labels = async (given: Values) =>
      (await render({ ...values, ...given })).containers.map(({ securityContext }) => securityContext.seLinuxOptions);
    const options = { type: "spc_t", level: "s0:c123,c456" };
    const plain = await labels({});
    expect(plain).toEqual(plain.map(() => undefined));
    expect(await labels({ seLinuxOptions: options })).toEqual(plain.map(() => options));
  });
});
