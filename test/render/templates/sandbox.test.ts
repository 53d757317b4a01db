import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, describe, expect, it } from "vitest";
import type { ProviderError } from "../../../src/errors.ts";
import { TemplateSandbox } from "../../../src/render/templates/sandbox.ts";

const sandbox = new TemplateSandbox();
afterAll(() => sandbox.close());

const values = [
  {
    name: "db",
    content: `{"user":"u","port":5432,"ratio":1.50,"big":12345678901234567890,"list":["a","b"],"on":true,"in":{"k":"v"},"__proto__":"p","blob":"CANARY"}`,
    isJson: true,
  },
  { name: "key", content: "line\n'q'", isJson: false },
];

function render(text: string, namespace = "shop"): Promise<string> {
  return sandbox.render({ text, values }, { namespace, signal: new AbortController().signal });
}

const failure = (text: string) =>
  render(text).then(
    (made) => `made ${made}`,
    (error: ProviderError) => error.describe(),
  );

describe("a template", () => {
  it.each([
    ["{{ db.user }}:{{ db.port }}", "u:5432"],
    ["{{ db.ratio }} {{ db.big }}", "1.50 12345678901234567890"],
    ["{% if db.port > 1000 %}high{% else %}low{% endif %}", "high"],
    ["{% for item in db.list %}{{ item }},{% endfor %}", "a,b,"],
    ["{{ key }}", "line\n'q'"],
    ["{{ db.in | json }}", '{"k":"v"}'],
    ["{{ db.nothing | default: 'none' }}", "none"],
    ["{% if db.nothing %}x{% endif %}", ""],
    ["{{ db.__proto__ }}", "p"],
    ["{{ db.user | url_encode }}{{ 'a b&c' | url_encode }}", "ua%20b%26c"],
    ["{{ 'YQ==' | base64_decode }}{{ 'a' | base64_encode }}", "aYQ=="],
    ["{{ key | yaml_quote }}", `"line\\n'q'"`],
    ["{{ key | dotenv_quote }}", `"line\n'q'"`],
    ["{{ key | dotenv_quote: 'bash' }}", `'line\n'\\''q'\\'''`],
    ["{{ 'p@ss:' | append: key | properties_escape }}", "p@ss:line\\n'q'"],
    ["{{ 'a b' | form_encode }}{{ 'a+b' | form_decode }}{{ 'a+b%20' | url_decode }}", "a+ba ba+b "],
  ])("%s makes %s", async (text, made) => {
    expect(await render(text)).toBe(made);
  });

  it.each([
    ["{{ nothing }}", "undefined variable: nothing"],
    ["{{ db.nothing }}", "undefined variable: db.nothing"],
    ["{{ db.constructor }}", "undefined variable: db.constructor"],
    ["{{ db.toString }}", "undefined variable: db.toString"],
    ["{{ db.list.constructor }}", "undefined variable: db.list.constructor"],
    ["{{ db.user.constructor }}", "undefined variable: db.user.constructor"],
    ["{{ db.blob | pem_cert }}", "there is no certificate in PEM form"],
    ["{{ db.blob | append: '$' | append: key | dotenv_quote }}", "name the reader, as in `for: bash`"],
    ["{{ db.blob | dotenv_quote: 'ruby' }}", "dotenv_quote takes one of the readers bash, node, python"],
    ["{{ db.blob | append: '%zz' | url_decode }}", "the text is not percent-encoded UTF-8"],
    ["{{ db.list | url_encode }}", "text is needed"],
    ["{{ db.blob | divided_by: 0 | json }}", ""],
  ])("%s cannot be rendered, and no value is told", async (text, why) => {
    const said = await failure(text);
    expect(said).toContain(why);
    expect(said).not.toContain("CANARY");
  });

  it.each([
    ["{{ db.usr }}", "did you mean db.user?"],
    ["{{ dba.user }}", "did you mean db?"],
    ["{{ db.zzz }}", "correct the template, or the secret"],
    ["{{ key.user }}", "correct the template, or the secret"],
    ["{{ 'a' | defualt: '' }}", "correct the template, or the secret"],
  ])("%s has the cure: %s", async (text, fix) => {
    const error = await render(text).catch((thrown: unknown) => thrown as ProviderError);
    expect(typeof error === "string" ? error : error.details.fix).toMatch(
      new RegExp(`^${fix.replace(/[.?]/g, "\\$&")}`),
    );
  });

  it("is told where the secret lies that lacks a value", async () => {
    const values = [{ name: "db", content: '{"a":"CANARY"}', isJson: true }];
    const placeOf = (name: string) => (name === "db" ? "vault secret/data/db" : undefined);
    const failed = sandbox.render(
      { text: "{{ db.b }}", values },
      { namespace: "n", placeOf, signal: new AbortController().signal },
    );
    await expect(failed).rejects.toMatchObject({
      message:
        "the template cannot be rendered: undefined variable: db.b at line 1, column 4 (db is vault secret/data/db)",
    });
  });

  it("sees nothing of the process", async () => {
    for (const name of ["process", "globalThis", "require", "module", "env", "this", "import"]) {
      expect(await failure(`{{ ${name} }}`)).toMatch(/LK0040|made $/);
    }
  });
});

describe("a template that runs away is ended, and the next one is rendered", () => {
  const loops = "{% for i in (1..100000000) %}{% for j in (1..100000000) %}{{ j }}{% endfor %}{% endfor %}";
  const grow =
    "{% assign s = 'xxxxxxxxxxxxxxxx' %}{% for i in (1..60) %}{% assign s = s | append: s %}{% endfor %}{{ s }}";
  const nested =
    "{% for a in (1..9999) %}{% for b in (1..9999) %}{% for c in (1..9999) %}{% endfor %}{% endfor %}{% endfor %}";
  const split =
    "{% assign l = 'a,b' | split: ',' %}{% for i in (1..60) %}{% assign l = l | concat: l %}{% endfor %}{{ l | size }}";
  const replaced =
    "{% assign s = 'aaaaaaaaaaaaaaaa' %}{% for i in (1..30) %}{% assign s = s | replace: 'a', s %}{% endfor %}";
  const replacedAll =
    "{% assign s = 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa' %}{% for i in (1..9) %}{% assign s = s | replace: 'a', s %}{% endfor %}{{ s }}";
  const sorted = "{% for i in (1..3000000) %}{% assign l = db.list | sort | reverse | join: ',' %}{% endfor %}";
  it.each([
    ["by loops", loops],
    ["by doubling text", grow],
    ["by empty loops", nested],
    ["by doubling lists", split],
    ["by replacing", replaced],
    ["by sorting", sorted],
    ["by replacing every letter of a long text", replacedAll],
    ["by a long list of numbers", "{% assign l = (1..49000000) %}{{ l | size }}"],
    [
      "by splitting a long text",
      `{% assign s = 'aaaaaaaa' %}{% for i in (1..22) %}{% assign s = s | append: s %}{% endfor %}{{ s | split: '' | size }}`,
    ],
    ["by its result", "{% for i in (1..1000000) %}{{ db.blob }}{{ db.blob }}{{ db.blob }}{% endfor %}"],
  ])("%s", async (_, text) => {
    const said = await failure(text);
    expect(said).toMatch(
      /^LK004[03]: the template (?:takes too much|cannot be rendered: (?:it takes too much work|it makes more))/,
    );
    expect(await render("{{ db.user }}")).toBe("u");
  });

  it("while others are waiting for their turn", async () => {
    const runaways = Array.from({ length: 3 }, () => failure(loops));
    const others = Array.from({ length: 20 }, () => render("{{ db.port }}", "bank"));
    expect(await Promise.all(others)).toEqual(Array.from({ length: 20 }, () => "5432"));
    for (const said of await Promise.all(runaways)) expect(said).toMatch(/^LK004[03]/);
  });
});

/** The processes that this one has started, whichever of its threads did. */
function children(): readonly number[] {
  const tasks = readdirSync("/proc/self/task");
  return tasks.flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
}

describe("a template on a node where nobody gets on", () => {
  it("may take as long as it has to wait, for others' work counts as nobody's", async () => {
    const before = new Set(children());
    const own = new TemplateSandbox();
    const renderOwn = (text: string) =>
      own.render({ text, values }, { namespace: "busy", signal: new AbortController().signal });
    try {
      expect(await renderOwn("{{ db.user }}")).toBe("u");
      const [pid = 0, ...others] = children().filter((child) => !before.has(child));
      expect(others).toEqual([]);
      for (let round = 0; round < 3; round += 1) {
        process.kill(pid, "SIGSTOP");
        const rendered = renderOwn("{{ db.port }}");
        await sleep(700);
        process.kill(pid, "SIGCONT");
        expect(await rendered).toBe("5432");
      }
    } finally {
      own.close();
    }
  });
});
