import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import type { AddressPolicy } from "../address-policy.ts";
import { ProviderError } from "../errors.ts";
import type { VerifyField, VerifyTarget, VerifyText } from "../plan/verify.ts";
import { RenderWork } from "../render/render-work.ts";
import { applySteps } from "../render/steps.ts";
import type { Secret } from "../stores/store.ts";
import type { VerifyJob } from "./job.ts";

const ports = { postgres: 5432, mysql: 3306, redis: 6379, http: 0 } as const;

/** Longest text that a target takes, in characters. */
const longestText = 16_384;

type Texts = Readonly<Partial<Record<VerifyField, string>>>;

/**
 * The job for a target and a new value of its secret. Throws `LK0022` for an address that may not be chosen, `LK0035` and `LK0040`
 * where the secret has not what it takes, and the error of the name's look-up.
 */
export async function jobOf(
  target: VerifyTarget,
  secret: Secret,
  addresses: AddressPolicy,
): Promise<Omit<VerifyJob, "id" | "longest">> {
  const texts = textsOf(target, secret);
  const at = target.kind === "http" ? placeOfUrl(texts.url ?? "") : placeOf(target, texts);
  addresses.checkHost(at.host);
  const found =
    isIP(at.host) === 0 ? await lookup(at.host, { all: true }) : [{ address: at.host, family: isIP(at.host) }];
  for (const { address } of found) addresses.checkAddress(at.host, address);
  const { user, password, database } = texts;
  const { kind, ca, status } = target;
  const headers = target.kind === "http" ? headersOf(texts) : undefined;
  return { kind, ca, status, user, password, database, headers, ...at, addresses: found };
}

function textsOf({ fields }: VerifyTarget, secret: Secret): Texts {
  const work = new RenderWork(longestText);
  const read = (text: VerifyText) => {
    if ("text" in text) return text.text;
    const content = { bytes: secret.value.reveal() };
    const bytes = applySteps(text.steps, content, { work, converters: {}, secretOf: () => undefined });
    if (bytes.length <= longestText) return Buffer.from(bytes).toString();
    throw new ProviderError("LK0040", "a text to try is too long", { fix: "name the key that holds it" });
  };
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, read(text)]));
}

function placeOf({ kind, tls }: VerifyTarget, { host = "", port }: Texts) {
  const number = port === undefined ? ports[kind] : Number(port);
  if (host !== "" && Number.isInteger(number) && number > 0 && number <= 65_535) return { host, port: number, tls };
  throw new ProviderError("LK0040", "the secret has no usable host or port", { fix: "correct the secret" });
}

function placeOfUrl(text: string) {
  const url = new URL(text);
  const tls = url.protocol === "https:" ? ("verify" as const) : ("off" as const);
  const port = url.port === "" ? (tls === "off" ? 80 : 443) : Number(url.port);
  return { host: url.hostname.replace(/^\[|\]$/g, ""), port, tls, path: `${url.pathname}${url.search}` };
}

function headersOf({ user, password, token, header }: Texts): Readonly<Record<string, string>> {
  if (token === undefined) {
    const basic = Buffer.from(`${user ?? ""}:${password ?? ""}`).toString("base64");
    return { authorization: `Basic ${basic}` };
  }
  return header === undefined ? { authorization: `Bearer ${token}` } : { [header]: token };
}
