import { join } from "node:path";
import { type Child, startChild } from "../servers/child.ts";

/** The controllers that keep namespaces, quotas and tokens, and the one that deletes the objects of an owner that is gone. */
const controllers = [
  ...["garbage-collector-controller", "namespace-controller", "resourcequota-controller"],
  ...["serviceaccount-controller", "serviceaccount-token-controller"],
];

/** Where the controllers have their files; `signs` names the key of legacy service account tokens. */
interface ControllersPlace {
  readonly directory: string;
  readonly kubeConfig: string;
  readonly signs: string;
}

/** Starts kube-controller-manager with the controllers that tests meet. */
export async function startControllers(program: string, place: ControllersPlace): Promise<Child> {
  const { directory, kubeConfig, signs } = place;
  return await startChild({
    name: "kube-controller-manager",
    command: program,
    args: [
      "kube-controller-manager",
      ...[`--kubeconfig=${kubeConfig}`, "--leader-elect=false", "--secure-port=0"],
      `--controllers=${controllers.join(",")}`,
      `--service-account-private-key-file=${join(directory, `${signs}.key`)}`,
      `--root-ca-file=${join(directory, "ca.crt")}`,
      "--v=2",
    ],
    ready: /Starting controller metrics|Started controller|Starting /,
    startTimeoutMs: 60_000,
    stopSignal: "SIGKILL",
  });
}
