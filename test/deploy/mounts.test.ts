import { describe, expect, it } from "vitest";
import { helm } from "../servers/helm.ts";
import { type Container, render, settingsOf } from "./rendered.ts";
import { valueSets } from "./value-sets.ts";

// Helm is made on first use.
await helm(["version"]);

/** Where the kubelet mounts the token of the service account. */
const tokens = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Where a container has something mounted; `/var/run` is a link to `/run` in the image. */
function placesOf({ volumeMounts }: Container): readonly string[] {
  return [tokens, ...volumeMounts.map(({ mountPath }) => mountPath)].map((path) =>
    path.replace(/^\/var\/run\//, "/run/"),
  );
}

describe("what the chart mounts", () => {
  it.each(valueSets)("covers nothing else that it mounts, with %s", async (_, values) => {
    const { containers } = await render(values);
    for (const container of containers) {
      const places = placesOf(container);
      const covered = places.filter((place, index) =>
        places.some((other, at) => at !== index && `${place}/`.startsWith(`${other}/`)),
      );
      expect(covered).toEqual([]);
    }
  });

  it("has a directory for the admin socket, which the commands in the pod find by their environment", async () => {
    const { container, pod } = await render({ cache: { persistent: true, adminSocket: true } });
    const mount = container.volumeMounts.find(({ name }) => name === "admin-socket");
    expect(mount?.mountPath).toBe("/run/latchkey-admin");
    expect(settingsOf(container).get("adminSocket")).toBe("/run/latchkey-admin/private/latchkey.sock");
    expect(container.args.filter((arg) => arg.startsWith("--admin-socket"))).toEqual([]);
    expect(pod.volumes.find(({ name }) => name === "admin-socket")).toMatchObject({ emptyDir: { medium: "Memory" } });
    expect((await render({})).container.env?.map(({ name }) => name)).not.toContain("LATCHKEY_ADMIN_SOCKET");
  });
});
