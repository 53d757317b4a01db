import pLimit from "p-limit";
import type { CallContext, OpenRequest, Secret, Session } from "../store.ts";
import { logIn } from "./log-in.ts";
import type { GcpReader, ReaderParts } from "./reader.ts";
import type { GcpAsked, GcpService, GcpSettings } from "./types.ts";
import type { GcpWay } from "./way.ts";

/** Logs in and gives a session that reads secrets and parameters. Throws what `logIn` throws. */
export async function openGcpSession(
  request: OpenRequest<GcpSettings>,
  way: GcpWay,
  concurrency: number,
): Promise<Session<GcpAsked>> {
  const login = await logIn(request, way);
  const limit = pLimit(concurrency);
  return new GcpSession({ way, login, settings: request.settings, limit: (read) => limit(read) });
}

class GcpSession implements Session<GcpAsked> {
  readonly expiresAt: number;
  readonly #parts: ReaderParts;
  readonly #readers = new Map<GcpService, Promise<GcpReader>>();

  constructor(parts: ReaderParts) {
    this.#parts = parts;
    this.expiresAt = parts.login.expiresAt;
  }

  async read(ref: GcpAsked, context: CallContext): Promise<Secret> {
    const reader = await this.#reader(ref.service);
    return await reader.read(ref, context);
  }

  /** Tokens end by themselves; the connections are the store's. */
  async close(): Promise<void> {
    this.#readers.clear();
  }

  #reader(service: GcpService): Promise<GcpReader> {
    const reader = this.#readers.get(service) ?? loadReader(service, this.#parts);
    this.#readers.set(service, reader);
    return reader;
  }
}

async function loadReader(service: GcpService, parts: ReaderParts): Promise<GcpReader> {
  if (service === "parametermanager") {
    return (await import("../gcp-parameter-manager/reader.ts")).createParameterReader(parts);
  }
  if (service === "cloudkms") return (await import("../gcp-kms/reader.ts")).createKeyReader(parts);
  return (await import("../gcp-secret-manager/reader.ts")).createSecretReader(parts);
}
