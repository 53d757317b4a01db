import { combineErrors, type ErrorId, ProviderError } from "../errors.ts";
import { FormatError } from "../formats/format-error.ts";

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

/** Gathers everything that is wrong with one SecretProviderClass, so that its author sees it all at once. */
export class Problems {
  readonly #errors: ProviderError[] = [];
  #count = 0;

  /** `subject` says where: a parameter's name, `object "x"`, `secrets[2].files[0].mode`. */
  add(id: ErrorId, subject: string, message: string, fix?: string): void {
    this.#note(new ProviderError(id, message, { subject, fix }));
  }

  /** What `read` gives; `undefined` after noting a `ProviderError` or `FormatError` of `subject`. Lets bugs pass. */
  attempt<T>(subject: string, read: () => T, fix?: string): T | undefined {
    try {
      return read();
    } catch (error) {
      if (error instanceof ProviderError) this.#note(error.about(subject));
      else if (error instanceof FormatError) this.add("LK0003", subject, error.message, fix);
      else throw error;
      return undefined;
    }
  }

  /** Notes errors that were found elsewhere. */
  take(errors: readonly ProviderError[]): void {
    for (const error of errors) this.#note(error);
  }

  /** How many there are; a caller that compares two counts knows whether a part was clean. */
  get count(): number {
    return this.#count;
  }

  /** `value`, when nothing is wrong; otherwise throws one error for all problems. */
  settle<T>(value: T | undefined): T {
    const left = this.#count - this.#errors.length;
    const more = left === 0 ? [] : [new ProviderError("LK0003", `${left} more problems`)];
    const [first, ...rest] = [...this.#errors, ...more];
    if (first !== undefined) throw combineErrors([first, ...rest]);
    if (value === undefined) throw new Error("nothing to give, though no problem was noted");
    return value;
  }

  #note(error: ProviderError): void {
    this.#count++;
    if (this.#errors.length < mostKept) this.#errors.push(error);
  }
}

/** More than anybody reads; ten thousand would only cost memory. */
const mostKept = 200;
