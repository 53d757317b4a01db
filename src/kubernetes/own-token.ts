import { readFile } from "node:fs/promises";
import { ProviderError } from "../errors.ts";
import { Redacted } from "../redacted.ts";
import { plainJson } from "./plain-json.ts";

/** Reads the token of Latchkey's own service account: for each request, because the kubelet replaces it. Throws `LK0012`. */
export async function readOwnToken(file: string): Promise<Redacted<string>> {
  const token = await readFile(file, "utf8").catch((error: NodeJS.ErrnoException) => {
    throw new ProviderError("LK0012", `cannot read ${file} (${error.code ?? error.name})`, {
      fix: "run Latchkey with its service account's token mounted, or set --kubernetes-token-file",
    });
  });
  return new Redacted(token.trim());
}

/** `LK0017` for a 401; `now` is in milliseconds since the epoch. */
export function tokenRefused(token: Redacted<string>, call: string, now: number): ProviderError {
  const end = expiryOf(token.reveal());
  const [why, fix] = end !== undefined && end <= now ? expired(end, now) : untrusted;
  return new ProviderError("LK0017", `the Kubernetes API answered 401 to ${call}: ${why}`, { storeCode: "401", fix });
}

function expired(end: number, now: number): readonly [string, string] {
  return [
    `Latchkey's own token expired ${Math.round((now - end) / 1_000)} s ago`,
    "find out why the kubelet does not renew the token in Latchkey's pod, and whether the node's clock is right",
  ];
}

const untrusted = [
  "Latchkey's own token has not expired by this node's clock, but the API server does not trust it",
  "restart Latchkey's pod to get a token of the cluster's present signing key; check that --kubernetes-api is this cluster's, and that the clocks of node and API server agree",
] as const;

/** The `exp` that a token claims, in milliseconds since the epoch; undefined if it claims none. */
function expiryOf(token: string): number | undefined {
  const claims = plainJson(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());
  const exp = typeof claims === "object" && claims !== null && "exp" in claims ? claims.exp : undefined;
  return typeof exp === "number" ? exp * 1_000 : undefined;
}
