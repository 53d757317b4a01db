import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { secretRows } from "../lint/secret-object-rows.ts";
import { contentRows } from "../sync/content-rows.ts";
import { type Cluster, longestStart, startCluster } from "./cluster.ts";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
}, longestStart);

afterAll(() => cluster?.stop());

/** Has the API server judge a Secret, which it does not keep; `data` in plain text. */
async function judge(name: string, type: string, data: Readonly<Record<string, string>>) {
  const values = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
  const body = { apiVersion: "v1", kind: "Secret", metadata: { name }, type, data: Object.fromEntries(values) };
  const path = "/api/v1/namespaces/default/secrets?dryRun=All";
  return await cluster.admin.call({ method: "POST", path, body });
}

describe("the real API server", () => {
  it.each(secretRows)("judges $what as the tests of lint have it", async ({ name, type, keys, isTaken }) => {
    const data = Object.fromEntries(keys.map((key) => [key, "{}"]));
    const { status, text } = await judge(name, type, data);
    expect([status, text.slice(0, 400)]).toEqual([isTaken ? 201 : 422, expect.anything()]);
  });

  it.each(contentRows)("judges $what as the tests of Kubernetes Secrets have it", async ({ type, data, isTaken }) => {
    const whole = type === "Opaque" ? type : `kubernetes.io/${type}`;
    const { status, text } = await judge("s", whole, data);
    expect([status, text.slice(0, 400)]).toEqual([isTaken ? 201 : 422, expect.anything()]);
  });
});
