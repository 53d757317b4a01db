/** An attempt to harm the node or its other pods by the content of a SecretProviderClass. */
export interface Attack {
  /** Of which family it is. */
  readonly family: string;
  readonly what: string;
  /** The parameters `secrets` and `templates` of the native dialect; the secret has the name that is given. */
  readonly secrets: (name: string) => string;
  readonly templates?: string;
  /** The error that it ends in; none where it comes to nothing, and the mount is answered. */
  readonly ends?: RegExp;
}

/** The field of the attacked secret, which has no other. */
export const attackedField = "v";

/** Text that makes a backtracking engine try every way to divide it. */
export const attackedText = `${"a".repeat(64)}!`;

const file = (more: string) => (name: string) => `- { store: vault, name: ${name}, files: [{ path: f, ${more} }] }`;

/** A template with the secret as `db`; written as JSON, which YAML reads too. */
const template = (content: string) => ({
  secrets: (name: string) => `- { store: vault, name: ${name}, as: db }`,
  templates: JSON.stringify([{ path: "f", content }]),
});

const jmesPath = (expression: string) => file(`jmesPath: ${JSON.stringify(expression)}`);
const piped = (part: string, times: number) => Array.from({ length: times }, () => part).join(" | ");

const refused = /LK0003/;
const stopped = /LK004[03]/;
const loop = (body: string, last: number) => `{% for i in (1..${last}) %}${body}{% endfor %}`;
const doubled = (times: number) => `{% assign s = db.v %}${loop("{% assign s = s | append: s %}", times)}`;

/**
 * Attacks that other operators' templates were open to, that the template library's own advisories tell of, or that a
 * pattern or an expression allows.
 */
export const attacks: readonly Attack[] = [
  ...["{{ 'x.example' | getHostByName }}", "{{ getHostByName }}", "{% getHostByName 'x.example' %}"].map((text) => ({
    family: "DNS lookup",
    what: text,
    ...template(text),
    ends: refused,
  })),
  ...["{% include '/etc/passwd' %}", "{% render '/etc/passwd' %}", "{% layout '../../etc/passwd' %}"].map((text) => ({
    family: "file read",
    what: text,
    ...template(text),
    ends: refused,
  })),
  {
    family: "file read",
    what: "a filter that reads files",
    ...template("{{ '/etc/passwd' | read_file }}"),
    ends: refused,
  },
  ...["constructor", "__proto__", "v.constructor.constructor", "toString", "v.__proto__.constructor"].map((path) => ({
    family: "prototype walk",
    what: `{{ db.${path} }}`,
    ...template(`{{ db.${path} }}`),
    ends: stopped,
  })),
  {
    family: "prototype walk",
    what: "a filter's name",
    ...template("{{ db.v | constructor }}{{ db.v | __proto__ }}"),
    ends: refused,
  },
  ...["constructor.prototype", "__proto__.polluted", "v.constructor"].map((path) => ({
    family: "prototype walk",
    what: `jmesPath ${path}`,
    secrets: jmesPath(path),
    ends: /LK0035/,
  })),
  {
    family: "prototype walk",
    what: "the key __proto__",
    secrets: file("key: __proto__"),
    ends: /LK0035/,
  },
  { family: "endless loop", what: "loops in loops", ...template(loop(loop("x", 1e8), 1e8)), ends: stopped },
  {
    family: "endless loop",
    what: "loops of nothing",
    ...template(loop(loop(loop("", 9999), 9999), 9999)),
    ends: stopped,
  },
  {
    family: "endless loop",
    what: "loops over long lists",
    ...template(
      `${doubled(16)}{% assign l = s | split: 'a' %}{% for a in l %}{% for b in l %}{% endfor %}{% endfor %}`,
    ),
    ends: stopped,
  },
  { family: "output bomb", what: "text that doubles", ...template(`${doubled(60)}{{ s }}`), ends: stopped },
  { family: "output bomb", what: "text written over and over", ...template(loop("{{ db.v }}", 1e6)), ends: stopped },
  {
    family: "output bomb",
    what: "text replaced by itself",
    ...template(`{% assign s = db.v %}${loop("{% assign s = s | replace: 'a', s %}", 9)}{{ s }}`),
    ends: stopped,
  },
  {
    family: "exponential JMESPath",
    what: "doubles a list",
    secrets: jmesPath(piped("[@, @][]", 90)),
    ends: stopped,
  },
  {
    family: "exponential JMESPath",
    what: "doubles what it holds",
    secrets: jmesPath(piped("[@, @]", 95)),
    ends: stopped,
  },
  {
    family: "exponential JMESPath",
    what: "doubles a text",
    secrets: jmesPath(`v | ${piped("join('', [@, @])", 60)}`),
    ends: stopped,
  },
  {
    family: "exponential JMESPath",
    what: "compares what it doubled",
    secrets: jmesPath(`${piped("[@, @]", 45)} | contains([[@]], [@])`),
    ends: stopped,
  },
  ...["^(a+)+$", "^(a|a)*$", "^(a|aa)+$", "^(.*)*(.*)*(.*)*b$"].map((pattern) => ({
    family: "regex backtracking",
    what: `expand with ${pattern}`,
    secrets: (name: string) =>
      `- { store: vault, name: ${name}, expand: { jmesPath: "{${attackedText.replace("!", "")}b: v}", include: "${pattern}" } }`,
  })),
  {
    family: "regex backtracking",
    what: "a pattern with a counted group in a counted group",
    secrets: (name: string) =>
      `- { store: vault, name: ${name}, expand: { include: "((a{1,1000}){1,1000}){1,1000}" } }`,
    ends: refused,
  },
  {
    family: "regex backtracking",
    what: "tags that do not close",
    ...template(`${doubled(14).replace("db.v", "'<script<!--<style'")}{{ s | strip_html }}`),
  },
];
