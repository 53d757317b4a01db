import type { JsonObject } from "../../formats/json.ts";
import type { CallContext, Secret, StoreOperation } from "../store.ts";
import type { GcpLogin } from "./access-token.ts";
import { urlOf } from "./endpoints.ts";
import type { FailedCall } from "./failed-call.ts";
import { callGoogle } from "./http.ts";
import type { GcpAsked, GcpService, GcpSettings } from "./types.ts";
import type { GcpWay } from "./way.ts";

/** The parts that a service's reader is made from. */
export interface ReaderParts {
  readonly way: GcpWay;
  readonly login: GcpLogin;
  readonly settings: GcpSettings;
  /** Runs a read when there is a place for it. */
  readonly limit: <T>(read: () => Promise<T>) => Promise<T>;
}

/** Reads refs of one service for one session. */
export interface GcpReader {
  /** Throws what the failure means. */
  read(ref: GcpAsked, context: CallContext): Promise<Secret>;
}

/** One read of an API. */
export interface ApiRead {
  readonly service: GcpService;
  /** Its name for people. */
  readonly named: string;
  /** Path and query, behind `/v1/`. */
  readonly path: string;
  /** Sent as JSON; absent: nothing is. */
  readonly body?: object;
  /** Its endpoint is the same in all locations. */
  readonly isGlobal?: true;
  /** The ref for people. */
  readonly what: string;
  readonly project: string;
  readonly fix: FailedCall["fix"];
}

/** Reads from a service as the session's login. Throws what the failure means. */
export async function readApi(
  read: ApiRead,
  { way, login, settings }: ReaderParts,
  context: CallContext,
): Promise<JsonObject> {
  const bearer = login.token.reveal();
  const about: FailedCall = {
    operation: "read",
    what: `reading ${read.what} as ${login.member}`,
    service: read.named,
    api: `${read.service}.googleapis.com`,
    project: read.project,
    secrets: [bearer],
    fix: read.fix,
  };
  const url = urlOf(read.service, read.isGlobal === true ? "global" : settings.location, `/v1/${read.path}`, way.host);
  const counted: StoreOperation = "read";
  return await callGoogle(way.http, { url, bearer, body: read.body, about, counted }, context);
}

/** The project of a ref: its own, that of the settings, or the cluster's. */
export async function projectFor(own: string | undefined, { way, settings }: ReaderParts): Promise<string> {
  return own ?? settings.project ?? (await way.cluster.project());
}
