import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MountBeside, type Scene, startScene } from "./scene.ts";

/** The spec of a class of the `latchkey` dialect: one file `password`, which is in the Kubernetes Secret `db` as well. */
export const fileSpec: MountBeside["spec"] = {
  provider: "latchkey",
  parameters: {
    stores: "files: { profile: files }",
    secrets: "- { store: files, name: password, files: [{ path: password }] }",
    kubernetesSecrets: "- { name: db, data: { password: { file: password } } }",
  },
};

/** Starts a scene that makes Kubernetes Secrets, with the profile `files`: a directory whose `password` is `p1`. */
export async function startFileScene(): Promise<Scene> {
  const scene = await startScene(({ directory }) => ({
    providers: ["latchkey"],
    profiles: { files: { kind: "file", directory: filesIn(directory) } },
    sync: { enabled: true },
  }));
  await mkdir(filesIn(scene.cluster.directory));
  await putPassword(scene, "p1");
  return scene;
}

/** Writes the password into the directory of a `startFileScene`. */
export async function putPassword({ cluster }: Scene, text: string): Promise<void> {
  await writeFile(join(filesIn(cluster.directory), "password"), text);
}

function filesIn(directory: string): string {
  return join(directory, "files");
}
