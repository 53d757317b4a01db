/** One request of a store. */
export interface HttpRequest {
  readonly method: string;
  /** `http(s)://host[:port]`, as `URL.origin` writes it. */
  readonly origin: string;
  /** A Unix socket to send it to instead; `origin` then only makes the `Host` header. */
  readonly socketPath?: string | undefined;
  /** Escaped path and query, sent as they are. */
  readonly path: string;
  /** By lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | undefined;
  readonly signal: AbortSignal;
  /**
   * True where a second arrival does no harm: then a request that met a closed idle connection is sent once more. False for
   * one that must not arrive twice: it gets a connection of its own and is sent once.
   */
  readonly resend: boolean;
  /** True to follow one redirect, with the same method, headers and body. */
  readonly follow?: boolean | undefined;
  /** Called each time the request goes out. */
  readonly onSend?: (() => void) | undefined;
  /** Called when a connection stands: from then on a failed request may have arrived all the same. */
  readonly onReach?: (() => void) | undefined;
}

/** A complete answer, whatever its status. */
export interface HttpAnswer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** At most `maxBodyBytes`. */
  readonly body: Uint8Array;
  /** The wait that `Retry-After` asks for, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** The largest body that is read; a larger one is `LK0038`. Twice what a reply holds by default. */
export const maxBodyBytes = 8 * 1024 * 1024;
