/** A value of a made-up document. */
type Value = string | number | boolean | null | readonly Value[] | { readonly [key: string]: Value };

/** Numbers that are the same for the same seed. */
export type Dice = (below: number) => number;

/** Returns dice of a seed. */
export function diceOf(seed: number): Dice {
  let state = seed * 2_654_435_761 + 1;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 374_761_393) >>> 0;
    return state % below;
  };
}

const texts = [
  "CANARY-plain",
  "",
  "CANARY with: colon, and # hash",
  "CANARY-ünïcödé 日本 🔑",
  "CANARY line one\nline two\n",
  "true",
  "007",
  "CANARY 'quoted' \"twice\"",
  "ENC[not really]",
  "CANARY <&> \u2028",
  "2024-02-29",
  "CANARY\ttab\\n",
];

const numbers = [0, 1, -7, 42, 9_007_199_254_740_991, 1.5, -0.25, 1e21, 1e-7, 3.0e10, 123456.789, 2.5e-5];

const keys = ["user", "password", "nested", "list_unencrypted", "token_enc", "a.b", "Ünï", "secret-key", "plain", "x"];

function pick<T>(dice: Dice, from: readonly T[]): T {
  return from[dice(from.length)] as T;
}

function madeUp(dice: Dice, depth: number): Value {
  const kind = dice(depth > 2 ? 5 : 8);
  if (kind < 3) return pick(dice, texts);
  if (kind === 3) return pick(dice, numbers);
  if (kind === 4) return pick(dice, [true, false, null]);
  if (kind === 5) return Array.from({ length: dice(4) }, () => madeUp(dice, depth + 1));
  return mapOf(dice, depth + 1);
}

function mapOf(dice: Dice, depth = 0): Readonly<Record<string, Value>> {
  const count = 1 + dice(5);
  const entries = Array.from({ length: count }, () => [pick(dice, keys), madeUp(dice, depth)] as const);
  return Object.fromEntries(entries);
}

/** The formats of documents. */
export const formats = ["yaml", "json", "dotenv", "ini", "binary"] as const;

/** A made-up plain document of a format. */
export function plainDocument(format: (typeof formats)[number], dice: Dice): string | Buffer {
  if (format === "binary") return Buffer.from(Array.from({ length: 1 + dice(300) }, () => dice(256)));
  if (format === "json") return JSON.stringify(mapOf(dice));
  if (format === "yaml") return yamlOf(dice);
  return format === "dotenv" ? dotenvOf(dice) : iniOf(dice);
}

const flatTexts = ["CANARY-1", "CANARY two words", "", "CANARY=equals", "CANARY-ünï", "12", "true", "CANARY#x;y"];

function dotenvOf(dice: Dice): string {
  const lines = Array.from({ length: 1 + dice(6) }, (_, at) => {
    const comment = dice(4) === 0 ? `# note ${at}\n` : "";
    return `${comment}KEY_${at}${dice(4) === 0 ? "_unencrypted" : ""}=${pick(dice, flatTexts)}`;
  });
  return `${lines.join("\n")}\n`;
}

function iniOf(dice: Dice): string {
  const section = (name: string) => {
    const lines = Array.from({ length: 1 + dice(4) }, (_, at) => {
      const comment = dice(4) === 0 ? `; note ${at}\n` : "";
      return `${comment}key${at}${dice(4) === 0 ? "_unencrypted" : ""} = ${pick(dice, flatTexts)}`;
    });
    return `[${name}]\n${lines.join("\n")}\n`;
  };
  return `${dice(2) === 0 ? "top = CANARY-top\n" : ""}${section("first")}${dice(3) === 0 ? "; of section\n" : ""}${section("second part")}`;
}

/** With comments at heads, in lines and at feet, timestamps, and sometimes a second document. */
function yamlOf(dice: Dice): string {
  const extra = [
    "# head CANARY-comment\n",
    "when: 2024-02-29T12:30:00Z\n",
    "day: 2023-01-05\n",
    "octal: 0o17\n",
    "hex: 0x1F\n",
    "# sensitive\nmarked: CANARY-marked\n",
    "# public\nopen: CANARY-open\n",
    "inline: CANARY-inline # with a note\n",
    "folded: >-\n  CANARY folded\n  text\n",
    "block:\n  # inside CANARY-comment\n  one: 1\n  # sensitive\n  two:\n    - a # first\n    # before b\n    - b\n  # foot\n",
    "special: [.inf, ~, 1_000, 0x1]\n",
    "zone: 2001-12-14T21:59:43.10-05:00\n",
  ];
  const document = () => {
    const body = Object.entries(mapOf(dice)).map(
      ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}\n`,
    );
    const lines = [...body, ...extra.filter((line) => dice(3) === 0 && !line.includes(".inf"))];
    return lines.join("");
  };
  return dice(8) === 0 ? `${document()}---\n${document()}` : document();
}
