import { ProviderError, toProviderError } from "../../errors.ts";
import type { HttpClient } from "../../http/client.ts";

/** https://cloud.google.com/compute/docs/metadata/querying-metadata: the address that needs no DNS. */
const usualHost = "169.254.169.254";

/** Longest wait for the metadata server, in milliseconds: it is on the node, or nowhere. */
const patience = 3_000;

/** Reads one value of the metadata server. Throws `LK0030` if nothing there answers as Google's does. */
export type ReadMetadata = (path: string, signal: AbortSignal) => Promise<string>;

/** Reads the metadata server of the node. `http` has no proxy: it would see the node's tokens. */
export function metadataReader(http: HttpClient, host = usualHost): ReadMetadata {
  return async (path, signal) => {
    const answer = await http
      .send({
        method: "GET",
        origin: `http://${host}`,
        path: `/computeMetadata/v1/${path}`,
        headers: { "metadata-flavor": "Google" },
        signal: AbortSignal.any([signal, AbortSignal.timeout(patience)]),
        resend: true,
      })
      .catch((thrown: unknown) => {
        throw noAnswer(toProviderError(thrown).message);
      });
    // Its own header tells it from a captive portal or from another cloud's server at the same address.
    if (answer.headers.get("metadata-flavor") !== "Google") throw noAnswer("what answers there is not Google's");
    if (answer.status !== 200) throw noAnswer(`it answered ${path} with status ${answer.status}`);
    const text = Buffer.from(answer.body).toString("utf8").trim();
    if (text === "" || text.length > longest || /\p{Cc}/u.test(text)) throw noAnswer(`its ${path} cannot be used`);
    return text;
  };
}

/** Far more than any value has that is asked for, in characters. */
const longest = 16_384;

function noAnswer(why: string): ProviderError {
  return new ProviderError("LK0030", `the metadata server of this node does not tell: ${why}`, {
    login: true,
    reached: true,
    fix: "see that pods on this node may reach it; on a cluster that is not GKE give --gcp-workload-identity-provider, or --gcp-identity-pool with --gcp-identity-provider",
  });
}
