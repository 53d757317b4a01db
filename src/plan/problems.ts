import { combineErrors, type ErrorId, type ParameterPlace, ProviderError } from "../errors.ts";
import { FormatError } from "../formats/format-error.ts";
import type { YamlPosition } from "../formats/yaml-node.ts";

/** Text of a SecretProviderClass as messages show it: quoted, 256 characters at most. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 256 ? `${text.slice(0, 256)}...` : text);
}

/** A name of a SecretProviderClass inside a place or a list of names: as it is when it is plain, quoted otherwise. */
export function named(name: string): string {
  return /^[\w-]{1,256}$/.test(name) ? name : quoted(name);
}

/** Some names for a message, at most 20. */
export function namedAll(names: readonly string[]): string {
  const shown = names.slice(0, 20).map(named).join(", ");
  return names.length > 20 ? `${shown} and ${names.length - 20} more` : shown;
}

/** The state that all views of one list of problems share. */
interface Gathered {
  readonly errors: ProviderError[];
  count: number;
  /** Fixes that were looked for: some are, of many words, before one problem is noted. */
  hints: number;
}

/**
 * Gathers everything that is wrong with one SecretProviderClass, so that its author sees it all at once. With `mostNoted`
 * problems it stops: what notes one more throws the error for all of them.
 */
export class Problems {
  readonly #gathered: Gathered;
  readonly #place: Partial<ParameterPlace>;

  /** `place` is where a problem stands that does not say so itself. */
  constructor(place: Partial<ParameterPlace> = {}, gathered: Gathered = { errors: [], count: 0, hints: 0 }) {
    this.#place = place;
    this.#gathered = gathered;
  }

  /** The same list, for problems of one place: a parameter, an entry of one, a field. */
  at(place: Partial<ParameterPlace> | undefined): Problems {
    return place === undefined ? this : new Problems({ ...this.#place, ...place }, this.#gathered);
  }

  /**
   * `subject` says where: a parameter's name, `object "x"`, `secrets[2].files[0].mode`. It starts with the parameter that
   * is meant, where `at` has not named another.
   */
  add(id: ErrorId, subject: string, message: string, fix?: string): void {
    this.#note(new ProviderError(id, message, { subject, fix }));
  }

  /** The same, with the line and column that `at` has named, in words too. */
  addHere(id: ErrorId, subject: string, message: string, fix?: string): void {
    const { line, column } = this.#place;
    this.add(id, subject, `${message} at line ${line}, column ${column}`, fix);
  }

  /**
   * Returns the result of `read`, or `undefined` after noting a `ProviderError` or `FormatError` of `subject`. Any
   * other error is a bug, and passes through.
   */
  attempt<T>(subject: string, read: () => T, fix?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof ProviderError) this.#note(error.about(subject));
      else if (error instanceof FormatError)
        this.at(positionOf(error)).add("LK0003", subject, error.message, error.fix ?? fix ?? error.commonFix);
      else throw error;
      return undefined;
    }
  }

  /** Returns a fix that takes work to find, as long as somebody will read it. */
  hint(find: () => string | undefined): string | undefined {
    if (this.#gathered.errors.length >= mostHinted || this.#gathered.hints >= mostHinted) return undefined;
    this.#gathered.hints++;
    return find();
  }

  /** Notes errors that were found elsewhere. */
  take(errors: readonly ProviderError[]): void {
    for (const error of errors) this.#note(error);
  }

  /** How many there are; a caller that compares two counts knows whether a part was clean. */
  get count(): number {
    return this.#gathered.count;
  }

  /** `value`, when nothing is wrong; otherwise throws one error for all problems. */
  settle<T>(value: T | undefined): T {
    const { count, errors } = this.#gathered;
    if (count > 0) throw this.#all(`${count - errors.length} more problems`);
    if (value === undefined) throw new Error("nothing to give, though no problem was noted");
    return value;
  }

  #all(rest: string): ProviderError {
    const { count, errors } = this.#gathered;
    const unshown = new ProviderError("LK0003", rest, { fix: "correct those that are shown; then you see the others" });
    const more = count === errors.length ? [] : [unshown];
    const [first = unshown, ...others] = [...errors, ...more];
    return combineErrors([first, ...others]);
  }

  #note(error: ProviderError): void {
    // Where another reading of the list is above this one, it is told the same.
    if (this.#gathered.count >= mostNoted) throw this.#all(`at least ${mostNoted - mostKept} more problems`);
    this.#gathered.count++;
    if (this.#gathered.errors.length >= mostKept) return;
    const { parameter = parameterOf(error.details.subject ?? ""), line, column } = this.#place;
    this.#gathered.errors.push(
      error.placed({ parameter, ...(line === undefined ? {} : { line, ...(column === undefined ? {} : { column }) }) }),
    );
  }
}

/** `secrets[2].files` speaks of `secrets`, `roleArn` of itself. */
function parameterOf(subject: string): string {
  return /^[\w-]+/.exec(subject)?.[0] ?? subject;
}

function positionOf({ position: { line, column } }: FormatError): YamlPosition | undefined {
  return line === undefined ? undefined : { line, column: column ?? 1 };
}

/** More than anybody reads; ten thousand would only cost memory. */
const mostKept = 200;

/** A word that is compared with others takes up to a millisecond, and all other mounts wait. */
const mostHinted = 20;

/** An error takes 20 microseconds to make, and parameters have room for forty thousand. */
const mostNoted = 1_000;
