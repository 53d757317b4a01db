import type { PeerFlag } from "../config/peer-flags.ts";

/** The flags of Kubernetes' logging library that say where its lines go (https://pkg.go.dev/k8s.io/klog/v2#InitFlags). */
const places = [
  ...["add_dir_header", "alsologtostderr", "log_backtrace_at", "log_dir", "log_file", "log_file_max_size"],
  ...["logtostderr", "one_output", "skip_headers", "skip_log_headers", "stderrthreshold", "vmodule"],
];

/** The flags that a provider has from Kubernetes' logging library. */
export const klogFlags: readonly PeerFlag[] = [
  { name: "v", flags: ["--log-level"], answer: "give --log-level info or debug" },
  ...places.map((name) => ({ name, flags: [], answer: "leave it out: the log is JSON on standard output" })),
];
