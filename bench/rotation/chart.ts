/** Values of one line, second by second. */
export interface Series {
  readonly name: string;
  readonly values: readonly number[];
}

/** A chart of several lines over the same seconds. */
export interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly series: readonly Series[];
}

const [width, height] = [720, 320];
const [left, right, top, bottom] = [52, 16, 64, 36];

/** Told apart without colour too. */
const styles = [
  { colour: "#b3261e", dash: "" },
  { colour: "#1f6f8b", dash: "6 3" },
  { colour: "#4d7c0f", dash: "2 3" },
];

/** Draws the chart as SVG that needs nothing from elsewhere. */
export function chartOf({ title, unit, series }: Chart): string {
  const seconds = Math.max(...series.map(({ values }) => values.length), 2) - 1;
  const most = Math.max(...series.flatMap(({ values }) => values), 1);
  const x = (second: number) => left + (second / seconds) * (width - left - right);
  const y = (value: number) => height - bottom - (value / most) * (height - top - bottom);
  const lines = series.map(({ values }, at) => {
    const { colour, dash } = styles[at % styles.length] ?? { colour: "#333", dash: "" };
    const points = values.map((value, second) => `${x(second).toFixed(1)},${y(value).toFixed(1)}`).join(" ");
    return `<polyline points="${points}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/>`;
  });
  const legend = series.map(({ name }, at) => {
    const { colour, dash } = styles[at % styles.length] ?? { colour: "#333", dash: "" };
    const [from, down] = [left + at * 225, 44];
    return `<line x1="${from}" y1="${down - 4}" x2="${from + 24}" y2="${down - 4}" stroke="${colour}" stroke-width="2" stroke-dasharray="${dash}"/><text x="${from + 30}" y="${down}">${name}</text>`;
  });
  const steps = [0, 0.25, 0.5, 0.75, 1].map((share) => Math.round(share * most));
  const rulers = steps.map(
    (value) =>
      `<line x1="${left}" y1="${y(value)}" x2="${width - right}" y2="${y(value)}" stroke="#ddd"/><text x="${left - 8}" y="${y(value) + 4}" text-anchor="end">${value}</text>`,
  );
  const times = Array.from({ length: Math.floor(seconds / 10) + 1 }, (_, at) => at * 10);
  const ticks = times.map((time) => `<text x="${x(time)}" y="${height - 14}" text-anchor="middle">${time} s</text>`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="title" font-family="sans-serif" font-size="12">
<title id="title">${title}: ${series.map(({ name, values }) => `${name} at most ${Math.max(...values)}`).join(", ")} ${unit}</title>
<rect width="${width}" height="${height}" fill="#fff"/>
<text x="${left}" y="22" font-size="15">${title} (${unit})</text>
${[...legend, ...rulers, ...ticks, ...lines].join("\n")}
</svg>
`;
}
