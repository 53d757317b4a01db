import type { IgnoredVariable } from "../../config/ignored-variable.ts";
import type { Peer, PeerFlag } from "../../config/peer-flags.ts";
import { klogFlags } from "../klog-flags.ts";

const metrics = (name: string): PeerFlag => ({
  name,
  flags: ["--admin-listen"],
  answer: "give --admin-listen HOST:PORT: it serves /metrics for Prometheus",
});

const health = (name: string): PeerFlag => ({
  name,
  flags: ["--admin-listen"],
  answer: "give --admin-listen HOST:PORT, and probe /healthz and /readyz there",
});

const unneeded = (name: string, why: string): PeerFlag => ({ name, flags: [], answer: `leave it out: ${why}` });

/** The flags of the Azure provider that have another name here, or none. docs/migrate-azure.md tells the same. */
export const azurePeer: Peer = {
  product: "Azure",
  flags: [
    {
      name: "endpoint",
      flags: ["--socket-dir"],
      answer: "give --socket-dir DIR: the dialect azure has its socket azure.sock there",
    },
    { name: "cloud-name", flags: ["--azure-cloud"], answer: "give --azure-cloud CLOUD" },
    {
      name: "construct-pem-chain",
      flags: ["--azure-construct-pem-chain"],
      answer: "give --azure-construct-pem-chain true or false",
    },
    {
      name: "write-cert-and-key-in-separate-files",
      flags: ["--azure-separate-files"],
      answer: "give --azure-separate-files",
    },
    { name: "token-proxy-url", flags: ["--azure-token-proxy-url"], answer: "give --azure-token-proxy-url URL" },
    {
      name: "sni-name",
      flags: ["--azure-token-proxy-server-name"],
      answer:
        "give --azure-token-proxy-server-name NAME, or nothing: it is worked out from the API server's certificate",
    },
    metrics("metrics-backend"),
    metrics("prometheus-port"),
    health("healthz-port"),
    health("healthz-path"),
    health("healthz-timeout"),
    unneeded("enable-pprof", "Latchkey serves no profiles, which would show secrets"),
    unneeded("pprof-port", "Latchkey serves no profiles, which would show secrets"),
    unneeded("custom-user-agent", "the Azure provider does not send it either"),
    unneeded("log-format-json", "the log is JSON"),
    { name: "version", flags: [], answer: "run latchkey --version" },
    ...klogFlags,
  ],
};

/** Variables that the Azure provider's libraries obey and Latchkey does not. */
export const azureVariables: readonly IgnoredVariable[] = [
  "IDENTITY_ENDPOINT",
  "IDENTITY_HEADER",
  "MSI_ENDPOINT",
  "IMDS_ENDPOINT",
].map((variable) => ({
  variable,
  reason: "managed identities come from --azure-imds-url, and from nothing that the environment names",
}));
