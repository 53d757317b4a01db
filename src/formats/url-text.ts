import { FormatError } from "./format-error.ts";

/**
 * The characters that `encodeURIComponent` leaves although they have a meaning elsewhere
 * (https://www.rfc-editor.org/rfc/rfc3986#section-2.2).
 */
const alsoReserved = /[!'()*]/g;

/** Text as it stands in every part of a URL: all but letters, digits and `-._~` by percent signs. */
export function encodeUrl(text: string): string {
  const encoded = encodeURIComponent(text.toWellFormed());
  return encoded.replace(alsoReserved, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Text as a field of an HTML form is sent: the same with `+` for a space (https://url.spec.whatwg.org/#application/x-www-form-urlencoded). */
export function encodeForm(text: string): string {
  return encodeUrl(text).replaceAll("%20", "+");
}

/** The text of `encodeUrl`. Throws `FormatError` where a percent sign does not stand before two digits of UTF-8. */
export function decodeUrl(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (thrown) {
    if (thrown instanceof URIError) throw new FormatError("the text is not percent-encoded UTF-8");
    throw thrown;
  }
}

/** The text of `encodeForm`. Throws like `decodeUrl`. */
export function decodeForm(text: string): string {
  return decodeUrl(text.replaceAll("+", " "));
}
