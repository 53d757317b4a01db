import { FormatError } from "../../../formats/format-error.ts";

/**
 * The secret behind shares of Shamir's scheme over the field of 256 elements (with the polynomial of AES, 0x11b): each
 * share is a byte of the secret's polynomials for each byte of the secret, and at its end where they were taken.
 */
export function combineShares(shares: readonly Uint8Array[]): Uint8Array {
  const [first] = shares;
  const length = (first?.length ?? 0) - 1;
  if (shares.length < 2 || length < 1 || shares.some((share) => share.length !== length + 1))
    throw new FormatError("the shares of the data key do not fit each other");
  const places = shares.map((share) => share[length] ?? 0);
  if (new Set(places).size !== places.length || places.includes(0))
    throw new FormatError("two shares of the data key are the same");
  const weights = places.map((place, at) =>
    weightOf(
      place,
      places.filter((_, other) => other !== at),
    ),
  );
  return Uint8Array.from({ length }, (_, at) =>
    shares.reduce((sum, share, index) => sum ^ multiply(share[at] ?? 0, weights[index] ?? 0), 0),
  );
}

/** The weight of a share at zero: the product of each other place by its difference to this one. */
function weightOf(place: number, others: readonly number[]): number {
  return others.reduce((product, other) => multiply(product, multiply(other, inverse(other ^ place))), 1);
}

function multiply(one: number, other: number): number {
  let [product, factor] = [0, one];
  for (let bit = 0; bit < 8; bit += 1) {
    // Without a branch on a secret bit.
    product ^= factor & -((other >> bit) & 1);
    factor = ((factor << 1) ^ (0x11b & -(factor >> 7))) & 0xff;
  }
  return product;
}

/** By the little theorem of Fermat: the 254th power. */
function inverse(value: number): number {
  let result = 1;
  for (let step = 0; step < 254; step += 1) result = multiply(result, value);
  return result;
}
