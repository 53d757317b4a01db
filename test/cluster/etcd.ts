import { join } from "node:path";
import { type Child, startChild } from "../servers/child.ts";
import { freePort } from "../servers/free-port.ts";

/** Starts etcd on loopback, its data below the directory; gives its address as well. */
export async function startEtcd(program: string, directory: string): Promise<Child & { readonly url: string }> {
  const port = await freePort("withNext");
  const [url, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${port + 1}`];
  const child = await startChild({
    name: "etcd",
    command: program,
    args: [
      "etcd",
      `--data-dir=${join(directory, "etcd")}`,
      ...[`--listen-client-urls=${url}`, `--advertise-client-urls=${url}`],
      ...[`--listen-peer-urls=${peers}`, `--initial-advertise-peer-urls=${peers}`],
      `--initial-cluster=default=${peers}`,
      // Nothing here has to outlive the machine.
      "--unsafe-no-fsync",
    ],
    ready: /serving client traffic insecurely/,
  });
  return { ...child, url };
}
