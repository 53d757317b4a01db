import { describe, expect, it } from "vitest";
import { classOf, lintText, sentences } from "./lint-of.ts";

const head = {
  stores: 'v: { kind: vault, address: "https://v", role: r }\n#\n',
  secrets: "- { store: v, name: secret/data/a, as: db, files: [{ path: f }] }\n#\n",
};

const secret = (template: string, type = "dockerconfigjson", key = ".dockerconfigjson") =>
  `- name: pull\n  type: ${type}\n  data:\n    ${key}:\n      template: '${template}'\n`;
const file = (template: string, path = "app.json") => `- path: ${path}\n  content: '${template}'\n`;

async function said(more: Readonly<Record<string, string>>): Promise<readonly string[]> {
  return sentences((await lintText(classOf("latchkey", { ...head, ...more }))).findings);
}

const end = "writes db.p into JSON as it is: a quote or a backslash in it breaks the JSON";
const fix = "write {{ db.p | json }} without quotes around it";

describe("lint of templates that write JSON", () => {
  it.each([
    [
      "a registry's password",
      { kubernetesSecrets: secret('{"auths":{"r":{"password":"{{ db.p }}"}}}') },
      "kubernetesSecrets[0].data..dockerconfigjson",
    ],
    [
      "a value with another filter",
      { kubernetesSecrets: secret('{"auths":{"r":{"password":"{{ db.p | strip }}"}}}') },
      "kubernetesSecrets[0].data..dockerconfigjson",
    ],
    [
      "a key of JSON in an opaque Secret",
      { kubernetesSecrets: secret('{"p":"{{ db.p }}"}', "Opaque", "config.json") },
      "kubernetesSecrets[0].data.config.json",
    ],
    ["a file of JSON", { templates: file('{"p":"{{- db.p -}}"}') }, "templates[0]"],
  ])("warns of %s", async (_, more, subject) => {
    expect(await said(more)).toEqual([`warning weakness ${subject}: it ${end}: ${fix}`]);
  });

  it.each([
    ["the filter json", { kubernetesSecrets: secret('{"auths":{"r":{"password":{{ db.p | json }}}}}') }],
    [
      "base64",
      {
        kubernetesSecrets: secret('{"auths":{"r":{"auth":"{{ db.u | append: ":" | append: db.p | base64_encode }}"}}}'),
      },
    ],
    [
      "a variable of the template's own",
      { kubernetesSecrets: secret('{% assign p = db.p | json %}{"auths":{"r":{"password":{{ p }}}}}') },
    ],
    ["the whole value as JSON", { kubernetesSecrets: secret("{{ db.config }}") }],
    ["a file that is not JSON", { templates: file("P={{ db.p }}", "app.env") }],
    ["another key", { kubernetesSecrets: secret("{{ db.p }}", "Opaque", "password") }],
  ])("says nothing of %s", async (_, more) => {
    expect(await said(more)).toEqual([]);
  });
});
