import type { IgnoredVariable } from "../../config/ignored-variable.ts";
import type { Peer, PeerFlag } from "../../config/peer-flags.ts";
import { klogFlags } from "../klog-flags.ts";

const noPool = "leave it out: calls of all pods share connections that are opened as they are needed";

const flags: readonly PeerFlag[] = [
  {
    name: "kubeconfig",
    flags: ["--kubernetes-api"],
    answer: "give --kubernetes-api URL with --kubernetes-token-file, or nothing in a cluster",
  },
  { name: "log-format-json", flags: [], answer: "leave it out: the log is JSON" },
  {
    name: "metrics_addr",
    flags: ["--admin-listen"],
    answer: "give --admin-listen HOST:PORT, and probe /livez and /readyz there",
  },
  { name: "enable-pprof", flags: [], answer: "leave it out: memory that holds secrets is shown to nobody" },
  { name: "debug_addr", flags: [], answer: "leave it out: memory that holds secrets is shown to nobody" },
  {
    name: "write_secrets",
    flags: ["--deliver"],
    answer: "give --deliver driver for false, which is the default here, or --deliver provider for true",
  },
  { name: "sm_connection_pool_size", flags: [], answer: noPool },
  { name: "iam_connection_pool_size", flags: [], answer: noPool },
  ...klogFlags,
];

/** The flags of the GCP provider that have another name here, or none. */
export const gcpPeer: Peer = { product: "GCP", flags };

/** Variables that the GCP provider obeys and Latchkey does not. */
export const gcpVariables: readonly IgnoredVariable[] = [
  { variable: "TARGET_DIR", reason: "--socket-dir says where sockets are" },
  { variable: "PROVIDER_NAME", reason: "each dialect has its own socket, gcp.sock" },
  { variable: "USER_AGENT", reason: "calls to Google carry no name that could be changed" },
];
