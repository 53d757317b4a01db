import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { errorName, ProviderError } from "../errors.ts";

/** How a server is believed. Without a CA the ones that Node brings count. */
export interface TlsSettings {
  /** Path of a PEM file, read again when it changes. */
  readonly caFile?: string | undefined;
  /** PEM text. */
  readonly ca?: string | undefined;
  /** SNI, and the name that the certificate is checked against. */
  readonly serverName?: string | undefined;
}

/** The CAs that count now; a new object whenever they change. */
export interface Trust {
  /** Absent: Node's own. */
  readonly ca?: readonly string[];
}

/** Follows the CA settings of one client. */
export class TrustSource {
  readonly #settings: TlsSettings;
  #trust: Trust | undefined;
  #stamp: string | undefined;
  #checking: Promise<Trust> | undefined;

  constructor(settings: TlsSettings) {
    this.#settings = settings;
  }

  /**
   * The CAs of this moment, for at most one `stat`. A file that can no longer be read leaves the last good one in force.
   * Throws `LK0020` where there is none to use.
   */
  current(): Promise<Trust> {
    if (this.#trust !== undefined && this.#settings.caFile === undefined) return Promise.resolve(this.#trust);
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<Trust> {
    const { ca, caFile } = this.#settings;
    const inline = ca === undefined ? [] : certificates(ca, "the CA given as text");
    if (caFile === undefined) this.#trust = ca === undefined ? {} : { ca: inline };
    else {
      try {
        await this.#follow(caFile, inline);
      } catch (thrown) {
        if (this.#trust === undefined) throw unreadable(caFile, thrown);
      }
    }
    return this.#trust ?? {};
  }

  async #follow(caFile: string, inline: readonly string[]): Promise<void> {
    const { mtimeMs, size, ino } = await stat(caFile);
    const stamp = `${mtimeMs} ${size} ${ino}`;
    if (stamp === this.#stamp) return;
    this.#trust = { ca: [...inline, ...certificates(await readFile(caFile, "utf8"), `the CA file ${caFile}`)] };
    this.#stamp = stamp;
  }
}

/** Every certificate in a PEM text. OpenSSL skips what it cannot read without a word, so each is tried here. */
function certificates(pem: string, source: string): readonly string[] {
  const blocks = pem.match(/-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----/gs) ?? [];
  if (blocks.length === 0 || !blocks.every(isCertificate)) {
    throw new ProviderError("LK0020", `${source} holds no certificate in PEM form, or a broken one`, {
      fix: "give certificates that begin with -----BEGIN CERTIFICATE-----",
    });
  }
  return blocks;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).raw.length > 0;
  } catch {
    return false;
  }
}

function unreadable(caFile: string, thrown: unknown): ProviderError {
  if (thrown instanceof ProviderError) return thrown;
  const code = thrown instanceof Error && "code" in thrown ? String(thrown.code) : errorName(thrown);
  return new ProviderError("LK0020", `the CA file ${caFile} cannot be read (${code})`, {
    fix: "check the path and its permissions in Latchkey's own file system",
  });
}
