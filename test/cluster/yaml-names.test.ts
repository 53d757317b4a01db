import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeAll, describe, expect, it } from "vitest";
import { classOf, lintText } from "../lint/lint-of.ts";
import { ensureClusterParts } from "./programs.ts";

let program: string;

beforeAll(async () => {
  program = await ensureClusterParts();
}, 900_000);

/** Whether the real kubectl takes an object; `label --local` reads it and asks no server. */
async function isTaken(text: string): Promise<boolean> {
  const running = promisify(execFile)(program, ["kubectl", "label", "--local", "-o", "json", "-f", "-", "a=b"]);
  running.child.stdin?.end(text);
  return await running.then(
    () => true,
    ({ stderr }: { stderr: string }) => {
      expect(stderr).toMatch(/cannot unmarshal (?:bool|number|array|object) into Go struct field ObjectMeta/);
      return false;
    },
  );
}

const parameters = { region: "eu-west-1", objects: "- { objectName: a, objectType: secretsmanager }\n" };
const named = (name: string) => classOf("aws", parameters).replace("name: web", `name: ${name}`);
const names = "n y N Y no No yes on off true 1 1.5 0x10 1e3 .5 web 'n' 2020-01-01 n1 nO tRUE 08b 1.2.3 0o7 0b2";

describe("lint", () => {
  it("refuses the names that the real kubectl does not take for text, and no other", async () => {
    for (const name of names.split(" ")) {
      const { findings } = await lintText(named(name));
      const refused = findings.some(({ message }) => message.includes("to Kubernetes, not text"));
      // The object of a Secret, for kubectl knows no SecretProviderClass without a server.
      const object = `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\n`;
      expect([name, !refused]).toEqual([name, await isTaken(object)]);
    }
  });
});
