import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ProviderError, toProviderError } from "../errors.ts";
import { Redacted } from "../redacted.ts";
import {
  type Bundle,
  type ClientPair,
  certificatesIn,
  clientPair,
  leftOut,
  noCertificate,
  readBundle,
  readPem,
  unreadable,
  type Warn,
} from "./pem.ts";

/** How a server is believed, and by which certificate we are. Files are read again when they change. */
export interface TlsSettings {
  /** Path of a PEM file. */
  readonly caFile?: string | undefined;
  /** PEM text. */
  readonly ca?: string | undefined;
  /** Path of a directory of PEM files, those of its directories too. */
  readonly caDirectory?: string | undefined;
  /**
   * `replace` (the default): only the given CA counts, the file, else the text, else the directory. `add`: all three count,
   * besides Node's own.
   */
  readonly caMode?: "replace" | "add" | undefined;
  /** SNI, and the name that the certificate is checked against. */
  readonly serverName?: string | undefined;
  /** Paths of the client certificate and its key, both or none. */
  readonly clientCertFile?: string | undefined;
  readonly clientKeyFile?: string | undefined;
  /** The same as text, before files. */
  readonly client?: ClientPair | undefined;
  /** The server's certificate is not checked at all. */
  readonly skipVerify?: boolean | undefined;
}

/** The trust in force; a new object whenever it changes. */
export interface Trust {
  /** Absent: Node's own. */
  readonly ca?: readonly string[];
  /** Besides Node's own. */
  readonly moreCa?: readonly string[];
  readonly client?: ClientPair;
}

/** Follows the TLS files of one client. */
export class TrustSource {
  readonly #settings: TlsSettings;
  readonly #onFiles: boolean;
  readonly #warn: Warn;
  #trust: Trust | undefined;
  #stamp: string | undefined;
  #checking: Promise<Trust> | undefined;

  /**
   * `warn` is told which certificates of files cannot be read, once for each change; whoever gives a CA as text can look at it.
   * It is told each time that the files of earlier stay in force.
   */
  constructor(settings: TlsSettings, warn: Warn = () => undefined) {
    this.#settings = settings;
    this.#warn = warn;
    const { caFile, caDirectory, clientCertFile, clientKeyFile } = settings;
    this.#onFiles = [caFile, caDirectory, clientCertFile, clientKeyFile].some((path) => path !== undefined);
  }

  /**
   * The trust of this moment, for at most one `stat` a file. Files that can no longer be read, or do not fit each other,
   * leave the last good ones in force. Throws `LK0020` where there are none to use.
   */
  current(): Promise<Trust> {
    if (this.#trust !== undefined && !this.#onFiles) return Promise.resolve(this.#trust);
    this.#checking ??= this.#check().finally(() => {
      this.#checking = undefined;
    });
    return this.#checking;
  }

  async #check(): Promise<Trust> {
    try {
      const stamp = await stampOf(this.#settings);
      if (this.#trust !== undefined && stamp === this.#stamp) return this.#trust;
      this.#trust = await load(this.#settings, this.#warn);
      this.#stamp = stamp;
      return this.#trust;
    } catch (thrown) {
      if (this.#trust === undefined) throw thrown;
      this.#warn(toProviderError(thrown).message, "kept");
      return this.#trust;
    }
  }
}

/** Equal while no file changed. */
async function stampOf({ caFile, caDirectory, clientCertFile, clientKeyFile }: TlsSettings): Promise<string> {
  const inDirectory = caDirectory === undefined ? [] : await filesIn(caDirectory);
  const named: readonly (readonly [string, string | undefined])[] = [
    ["the CA file", caFile],
    ["the client certificate file", clientCertFile],
    ["the client key file", clientKeyFile],
    ...inDirectory.map((path) => ["the CA file", path] as const),
  ];
  const stamps = named.map(([what, path]) => (path === undefined ? "" : fileStamp(what, path)));
  return (await Promise.all(stamps)).join("\n");
}

async function fileStamp(what: string, path: string): Promise<string> {
  const { mtimeMs, size, ino } = await stat(path).catch((thrown: unknown) => {
    throw unreadable(`${what} ${path}`, thrown);
  });
  return `${path} ${mtimeMs} ${size} ${ino}`;
}

async function load(settings: TlsSettings, warn: Warn): Promise<Trust> {
  const [ca, client] = await Promise.all([loadCa(settings, warn), loadClient(settings)]);
  return { ...ca, ...(client === undefined ? {} : { client }) };
}

async function loadCa(settings: TlsSettings, warn: Warn): Promise<Pick<Trust, "ca" | "moreCa">> {
  const { caFile, ca, caDirectory, caMode = "replace" } = settings;
  const sources = [
    ...(caFile === undefined ? [] : [() => caFromFile(caFile, warn)]),
    ...(ca === undefined ? [] : [async () => certificatesIn(ca, "the CA given as text", () => undefined)]),
    ...(caDirectory === undefined ? [] : [() => caFromDirectory(caDirectory, caMode, warn)]),
  ];
  const [first] = sources;
  if (first === undefined) return {};
  if (caMode === "replace") return { ca: await first() };
  return { moreCa: (await Promise.all(sources.map((read) => read()))).flat() };
}

async function caFromFile(path: string, warn: Warn): Promise<readonly string[]> {
  const source = `the CA file ${path}`;
  return certificatesIn(await readPem(path, source), source, warn);
}

/** Skips files that are not PEM: Vault's own client refuses the directory for them, and OpenBao's says nothing. */
async function caFromDirectory(path: string, mode: "replace" | "add", warn: Warn): Promise<readonly string[]> {
  const sources = (await filesIn(path)).map((file) => [file, `the CA file ${file}`] as const);
  const bundles = await Promise.all(sources.map(async ([file, source]) => readBundle(await readPem(file, source))));
  const found = bundles.flatMap(({ certificates }) => certificates);
  if (mode === "replace" && found.length === 0) throw noCertificate(`the CA directory ${path}`, { count: 0 });
  for (const [at, bundle] of bundles.entries()) warnOf(bundle, sources[at]?.[1] ?? "", mode, warn);
  return found;
}

function warnOf(bundle: Bundle, source: string, mode: "replace" | "add", warn: Warn): void {
  const told = leftOut(bundle);
  if (told !== undefined) warn(`${source}: ${told}`);
  else if (mode === "replace" && bundle.count === 0) warn(noCertificate(source, bundle).message);
}

/** A directory of CAs has no more; the whole file system has. */
const mostFiles = 1_000;
const deepest = 3;

/** In a fixed order. Names that begin with `..` are how a Kubernetes volume swaps its content; they hold each file again. */
async function filesIn(directory: string, depth = 0): Promise<readonly string[]> {
  const source = `the CA directory ${directory}`;
  if (depth > deepest) throw unreadable(source, "it is too deep");
  const entries = await readdir(directory, { withFileTypes: true }).catch((thrown: unknown) => {
    throw unreadable(source, thrown);
  });
  const kept = entries.filter(({ name }) => !name.startsWith("..")).sort((a, b) => (a.name < b.name ? -1 : 1));
  const paths: string[] = [];
  for (const entry of kept) {
    const path = join(directory, entry.name);
    paths.push(...(entry.isDirectory() ? await filesIn(path, depth + 1) : [path]));
    if (paths.length > mostFiles) throw unreadable(source, `it holds more than ${mostFiles} files`);
  }
  return paths;
}

async function loadClient(settings: TlsSettings): Promise<ClientPair | undefined> {
  const { client, clientCertFile, clientKeyFile } = settings;
  if (client !== undefined) return clientPair(client.cert, client.key, "the client certificate");
  if (clientCertFile === undefined && clientKeyFile === undefined) return undefined;
  if (clientCertFile === undefined || clientKeyFile === undefined) {
    throw new ProviderError("LK0020", "both client cert and client key must be provided", {
      fix: "name the file of the client certificate and the file of its key, or neither",
    });
  }
  const source = `the client certificate file ${clientCertFile}`;
  const cert = await readPem(clientCertFile, source);
  const key = new Redacted(await readPem(clientKeyFile, `the client key file ${clientKeyFile}`));
  return clientPair(cert, key, source);
}
