/** A float as Go's `strconv.FormatFloat(f, 'f', -1, 64)` writes it: the fewest digits that mean it, and no exponent. */
export function fixedPoint(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "+Inf" : "-Inf";
  const sign = value < 0 || Object.is(value, -0) ? "-" : "";
  const [digits = "", exponent = "0"] = Math.abs(value).toExponential().split("e");
  const plain = digits.replace(".", "");
  const point = Number(exponent) + 1;
  if (point <= 0) return `${sign}0${plain === "0" ? "" : `.${"0".repeat(-point)}${plain}`}`;
  if (point >= plain.length) return `${sign}${plain}${"0".repeat(point - plain.length)}`;
  return `${sign}${plain.slice(0, point)}.${plain.slice(point)}`;
}
