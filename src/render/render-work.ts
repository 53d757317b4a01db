import { ProviderError, reportIt } from "../errors.ts";
import { FormatError } from "../formats/format-error.ts";
import { Meter } from "../formats/jmespath-values.ts";
import { type JsonValue, parseJson, parseJsonInTurns } from "../formats/json.ts";
import type { Secret } from "../stores/store.ts";

/** Most bytes that the files of one volume may have the process go through, a secret whose files follow each other counted once. */
const mostRead = 32 * 1024 ** 2;

/** So many parsed secrets are kept: the files of one secret mostly follow each other, and a parsed text is many times its size. */
const mostParsed = 4;

/** Shorter content is read at once, in less than five milliseconds. */
const parsedAtOnce = 32_768;

/** A file that was made. */
interface Made {
  readonly path: string;
  readonly contents: Uint8Array;
}

/** Counts the work for one volume's files, and keeps what was read of the secrets: files of one secret share it. */
export class RenderWork {
  /** Bounds the work of all JMESPaths together. */
  readonly meter = new Meter();
  readonly #mostMade: number;
  readonly #sources = new Map<Secret, { value?: Uint8Array; envelope?: Uint8Array; fields?: Uint8Array }>();
  readonly #parsed = new Map<Uint8Array, JsonValue | FormatError>();
  #read = 0;
  #made = 0;

  /** `mostMade` bounds the bytes of all files, so that many files of one large secret do not fill the memory. */
  constructor(mostMade: number) {
    this.#mostMade = mostMade;
  }

  /** A secret's bytes, the same for each file. Throws `LK0036` where the store gave no whole answer. */
  bytesOf(secret: Secret, of: "value" | "envelope" | "fields"): Uint8Array {
    if (of === "fields" && secret.fields === undefined) return this.bytesOf(secret, "value");
    const known = this.#sources.get(secret) ?? {};
    const bytes = known[of] ?? secret[of]?.reveal();
    if (bytes === undefined) throw new ProviderError("LK0036", "the store gave no whole answer", { fix: reportIt });
    this.#sources.set(secret, { ...known, [of]: bytes });
    return bytes;
  }

  /**
   * The content as JSON, read once. Throws `LK0040`, which names what was `wanted` of it, for what is none, `LK0043` for too
   * much work.
   */
  parse(bytes: Uint8Array, wanted = "keys"): JsonValue {
    const known = this.#parsed.get(bytes);
    if (known !== undefined) return known instanceof FormatError ? refuse(known, wanted) : known;
    this.read(bytes.length);
    const parsed = attempt(() => parseJson(bytes));
    this.#keep(bytes, parsed);
    return parsed instanceof FormatError ? refuse(parsed, wanted) : parsed;
  }

  /**
   * Reads content that is asked for as JSON next, in turns with everything else that the process does, where that takes
   * long. Throws `LK0043` for too much work.
   */
  async prepare(bytes: Uint8Array): Promise<void> {
    if (bytes.length <= parsedAtOnce || this.#parsed.has(bytes)) return;
    this.read(bytes.length);
    const parsed = await parseJsonInTurns(bytes).catch((thrown: unknown) => {
      if (thrown instanceof FormatError) return thrown;
      throw thrown;
    });
    this.#keep(bytes, parsed);
  }

  #keep(bytes: Uint8Array, parsed: JsonValue | FormatError): void {
    const [oldest] = this.#parsed.keys();
    if (oldest !== undefined && this.#parsed.size >= mostParsed) this.#parsed.delete(oldest);
    this.#parsed.set(bytes, parsed);
  }

  /** Counts bytes that are gone through. Throws `LK0043` for too many. */
  read(bytes: number): void {
    this.#read += bytes;
    if (this.#read <= mostRead) return;
    throw new ProviderError("LK0043", `the files of this volume take more than ${mostRead} bytes to read`, {
      fix: "make fewer files of large secrets, or split the secrets",
    });
  }

  /** Counts a file that was made, by its name and content. Throws `LK0005` where all files together have too many bytes. */
  made({ path, contents }: Made): void {
    this.#made += path.length + contents.length;
    if (this.#made <= this.#mostMade) return;
    const last = `with ${path} (${contents.length} bytes)`;
    throw new ProviderError("LK0005", `${last} the files of this volume have more than ${this.#mostMade} bytes`, {
      fix: "mount fewer or smaller secrets in one volume",
    });
  }
}

function attempt(read: () => JsonValue): JsonValue | FormatError {
  try {
    return read();
  } catch (thrown) {
    if (thrown instanceof FormatError) return thrown;
    throw thrown;
  }
}

function refuse(error: FormatError, wanted: string): never {
  throw new ProviderError("LK0040", `the secret is not JSON, so it has no ${wanted}: ${error.message}`, {
    fix: "leave the key out to get the whole secret, or store a JSON object",
  });
}
