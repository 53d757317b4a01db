import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ensurePromtool, type Promtool } from "../servers/promtool.ts";
import { readDocument } from "./documents.ts";

const root = join(import.meta.dirname, "../..");
const rulesPath = "deploy/alerts/latchkey.yaml";
const testsPath = "deploy/alerts/latchkey.test.yaml";

interface Rule {
  readonly alert: string;
  readonly expr: string;
}

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string }[];
}

const page = await readDocument("docs/metrics.md");
/** Rows of the table of metrics; a test holds their names equal to those of the program. */
const metrics = new Map(
  [...page.matchAll(/^\| `((?:latchkey|process)_\w+)` +\| ([^|]*) +\| (.*)$/gm)].map(([, name = "", labels = ""]) => [
    name,
    [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label),
  ]),
);

const rules: readonly Rule[] = parse(await readDocument(rulesPath)).groups.flatMap(
  ({ rules: own }: { readonly rules: readonly Rule[] }) => own,
);
const dashboard: { readonly panels: readonly Panel[] } = JSON.parse(
  await readDocument("deploy/dashboards/latchkey.json"),
);
const shown = dashboard.panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr] as const));
const expressions = [...rules.map(({ alert, expr }) => [alert, expr] as const), ...shown];

let directory: string;
let promtool: Promtool;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "lk-"));
  promtool = await ensurePromtool();
}, 900_000);

afterAll(() => rm(directory, { recursive: true, force: true }));

/** Returns the metrics that an expression asks for, with their selectors. */
function selectorsOf(expr: string): readonly (readonly [string, string])[] {
  const found = expr.matchAll(/\b((?:latchkey|process)_[a-z_]+)\b(?:\{([^}]*)\})?/g);
  return [...found].map(([, name = "", selector = ""]) => [name, selector]);
}

describe("alerts and dashboard", () => {
  it.each(expressions)("%s asks only for metrics, labels and values that there are", (_, expr) => {
    expect(selectorsOf(expr).length).toBeGreaterThan(0);
    for (const [name, selector] of selectorsOf(expr)) {
      const metric = metrics.get(name) ?? metrics.get(name.replace(/_(?:bucket|sum|count)$/, ""));
      expect(metric, name).toBeDefined();
      for (const [, label = "", texts = ""] of selector.matchAll(/(\w+)(?:=~|!=|=)"([^"]*)"/g)) {
        if (label === "instance") continue;
        expect(metric).toContain(label);
        for (const text of texts.split("|")) expect(page).toContain(`\`${text}\``);
      }
    }
  });

  it("are well-formed, by the judge of Prometheus", async () => {
    expect(await promtool.run(["check", "rules", join(root, rulesPath)])).toMatchObject({ code: 0 });
    const recorded = shown.map(([, expr], index) => ({ record: `shown:${index}`, expr: withoutVariables(expr) }));
    await writeFile(join(directory, "shown.yaml"), JSON.stringify({ groups: [{ name: "shown", rules: recorded }] }));
    expect(await promtool.run(["check", "rules", join(directory, "shown.yaml")])).toMatchObject({ code: 0 });
  });

  it("fire when they should and only then", async () => {
    const { code, output } = await promtool.run(["test", "rules", join(root, testsPath)]);
    expect([code, output]).toEqual([0, expect.stringContaining("SUCCESS")]);
  });

  it("are tested both ways, each alert", async () => {
    const cases: readonly { readonly alertname: string; readonly exp_alerts: readonly unknown[] }[] = parse(
      await readDocument(testsPath),
    ).tests.flatMap((test: { readonly alert_rule_test: readonly unknown[] }) => test.alert_rule_test);
    const ways = (fires: boolean) =>
      [...new Set(cases.filter((each) => each.exp_alerts.length > 0 === fires).map((each) => each.alertname))].sort();
    const names = rules.map(({ alert }) => alert).sort();
    expect([ways(true), ways(false)]).toEqual([names, names]);
  });

  it("are explained, each alert and no other", () => {
    const explained = [...page.matchAll(/^\| `(Latchkey\w+)` +\|/gm)].map(([, name]) => name);
    expect(explained).toEqual(rules.map(({ alert }) => alert));
  });

  it("show every metric on the dashboard, each panel in a place of its own", () => {
    const asked = shown.flatMap(([, expr]) => selectorsOf(expr).map(([name]) => name.replace(/_bucket$/, "")));
    expect([...metrics.keys()].filter((name) => !asked.includes(name))).toEqual([]);
    const places = dashboard.panels.flatMap(({ gridPos: { x, y, w, h } }) =>
      Array.from({ length: w * h }, (_, index) => `${x + (index % w)} ${y + Math.floor(index / w)}`),
    );
    expect(new Set(places).size).toBe(places.length);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });
});

describe("the picture of the dashboard", () => {
  it("shows panels that there are, below their rows and in their order", async () => {
    const picture = await readDocument("docs/images/dashboard.svg");
    const pictured = [...picture.matchAll(/<text class="(?:row|panel)"[^>]*>(?:▾ )?([^<]+)</g)].map(
      ([, title]) => title,
    );
    expect(pictured.length).toBeGreaterThan(10);
    expect(dashboard.panels.map(({ title }) => title).filter((title) => pictured.includes(title))).toEqual(pictured);
  });
});

function withoutVariables(expr: string): string {
  return expr.replaceAll("$__rate_interval", "5m").replaceAll("$instance", ".*");
}
