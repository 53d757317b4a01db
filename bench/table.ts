/** One measured figure. */
export interface Row {
  readonly what: string;
  readonly measured: string;
  /** The baseline that it is compared with, measured in the same run if it can be. */
  readonly against: string;
  /** The figure that must hold, in words. */
  readonly goal: string;
  readonly holds: boolean;
}

/** The rows as a Markdown table. */
export function printTable(rows: readonly Row[]): void {
  const cells = rows.map(({ what, measured, against, goal, holds }) => [
    what,
    measured,
    against,
    goal,
    holds ? "yes" : "NO",
  ]);
  const all = [["what", "measured", "against", "must hold", "holds"], ...cells];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |\n`;
  const [head = [], ...body] = all;
  process.stdout.write(line(head) + line(widths.map((width) => "-".repeat(width))) + body.map(line).join(""));
}

/** The middle of the values; 0 of none. */
export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The value that a share of all values does not pass; 0 of none. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)] ?? sorted[0] ?? 0;
}
