import type { IgnoredVariable } from "../../config/ignored-variable.ts";
import type { Peer, PeerFlag } from "../../config/peer-flags.ts";

/** The flags of the AWS provider that have another name here, or none. */
export const awsPeer: Peer = {
  product: "AWS",
  flags: [
    {
      name: "provider-volume",
      flags: ["--socket-dir"],
      answer: "give --socket-dir DIR: the dialect aws has its socket aws.sock there",
    },
    {
      name: "driver-writes-secrets",
      flags: ["--deliver"],
      answer: "give --deliver driver for true, which is the default here, or --deliver provider for false",
    },
    ...["qps", "burst"].map(
      (name): PeerFlag => ({
        name,
        flags: [],
        answer: "leave it out: answers of the Kubernetes API are cached, so that a mount does not wait for them",
      }),
    ),
    { name: "eks-addon-version", flags: [], answer: "leave it out: Latchkey is not an EKS add-on" },
    {
      name: "pod-identity-http-timeout",
      flags: ["--aws-pod-identity-http-timeout"],
      answer: "give --aws-pod-identity-http-timeout DURATION, such as 500ms",
    },
  ],
};

const reason = "requests that did not reach AWS are retried within the mount's time and a shared budget";

/** Variables of AWS's SDKs that the AWS provider obeys and Latchkey does not. */
export const awsVariables: readonly IgnoredVariable[] = ["AWS_MAX_ATTEMPTS", "AWS_RETRY_MODE"].map((variable) => ({
  variable,
  reason,
}));
