import { createHash } from "node:crypto";
import { shared } from "../../async/once.ts";
import { ProviderError, toProviderError } from "../../errors.ts";
import { createHttpClient, type HttpClient } from "../../http/client.ts";
import type { Warn } from "../../http/pem.ts";
import { serverNames } from "../../http/server-names.ts";
import type { AzureHost } from "./host.ts";

/** Longest that the API server is asked for its certificate, in milliseconds; the question is shared by all who wait. */
const longest = 5_000;

/** The way to the token proxy of AKS identity bindings: the API server's address, under a TLS server name of its own. */
export class TokenProxy {
  readonly url: URL;
  readonly #caFile: string | undefined;
  readonly #warn: Warn | undefined;
  readonly #learn: () => Promise<string>;
  #name: string | undefined;
  #client: HttpClient | undefined;

  constructor({ tokenProxy = {} }: AzureHost, warn: Warn | undefined) {
    this.url = new URL(tokenProxy.url ?? "https://kubernetes.default.svc.cluster.local");
    this.#caFile = tokenProxy.caFile;
    this.#warn = warn;
    this.#name = tokenProxy.serverName;
    this.#learn = shared(() => this.#ask(AbortSignal.timeout(longest)));
  }

  /** The client that speaks to it. Throws `LK0020` where the API server is none of AKS, and what the way to it gives. */
  async client(): Promise<HttpClient> {
    this.#name ??= await this.#learn();
    this.#client ??= createHttpClient({ tls: { caFile: this.#caFile, serverName: this.#name }, warn: this.#warn });
    return this.#client;
  }

  close(): void {
    this.#client?.close();
  }

  async #ask(signal: AbortSignal): Promise<string> {
    const names = await serverNames(this.url, { caFile: this.#caFile }, signal).catch((thrown: unknown) => {
      throw toProviderError(thrown).with({ login: true, fix: `let Latchkey reach the API server, or ${giveName}` });
    });
    const cluster = names.map((name) => clusterForm.exec(name)?.[1]).find((id) => id !== undefined);
    if (cluster !== undefined) return serverNameOf(cluster);
    throw new ProviderError("LK0020", `the certificate of ${this.url.host} does not say which cluster of AKS this is`, {
      login: true,
      fix: `see that this is an AKS cluster with identity bindings, or ${giveName}`,
    });
  }
}

const giveName =
  "have the operator start Latchkey with --azure-token-proxy-server-name; the flag --sni-name of the Azure provider has the same";

/** The name of an API server of AKS inside of its own network, with the cluster's id. */
const clusterForm = /^hcp-kubernetes\.([a-z0-9-]{1,63})\.svc\.cluster\.local$/;

/** Returns the TLS server name of a cluster's token proxy. */
export function serverNameOf(cluster: string): string {
  return `a${base32Hex(createHash("sha256").update(`identity-binding${cluster}`).digest())}.ests.aks`;
}

const digits = "0123456789abcdefghijklmnopqrstuv";

/** https://www.rfc-editor.org/rfc/rfc4648#section-7, in small letters and without padding. */
function base32Hex(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return (bits.match(/.{1,5}/g) ?? []).map((five) => digits[Number.parseInt(five.padEnd(5, "0"), 2)]).join("");
}
