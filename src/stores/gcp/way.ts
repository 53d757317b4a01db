import type { HttpClient } from "../../http/client.ts";
import type { Cluster } from "./cluster.ts";
import type { GcpHost } from "./host.ts";
import type { ReadMetadata } from "./metadata.ts";

/** The way to Google Cloud, shared by all sessions. */
export interface GcpWay {
  readonly host: GcpHost;
  /** To Google's own hosts, or the operator's. */
  readonly http: HttpClient;
  /** To hosts that a pod's key file names. */
  readonly podHttp: HttpClient;
  readonly metadata: ReadMetadata;
  readonly cluster: Cluster;
}
