import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { secretRows } from "../lint/secret-object-rows.ts";
import { contentRows } from "../sync/content-rows.ts";
import { type Cluster, longestStart, startCluster } from "./cluster.ts";

let cluster: Cluster;

beforeAll(async () => {
  cluster = await startCluster();
}, longestStart);

afterAll(() => cluster?.stop());

describe("the real API server", () => {
  it.each(secretRows)("judges $what as the tests of lint have it", async ({ name, type, keys, isTaken }) => {
    const value = Buffer.from("{}").toString("base64");
    const body = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name },
      type,
      data: Object.fromEntries(keys.map((key) => [key, value])),
    };
    const { status, text } = await cluster.admin.call({
      method: "POST",
      path: "/api/v1/namespaces/default/secrets?dryRun=All",
      body,
    });
    expect([status, text.slice(0, 400)]).toEqual([isTaken ? 201 : 422, expect.anything()]);
  });

  it.each(contentRows)("judges $what as the tests of Kubernetes Secrets have it", async ({ type, data, isTaken }) => {
    const values = Object.entries(data).map(([key, text]) => [key, Buffer.from(text).toString("base64")]);
    const whole = type === "Opaque" ? type : `kubernetes.io/${type}`;
    const body = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "s" },
      type: whole,
      data: Object.fromEntries(values),
    };
    const path = "/api/v1/namespaces/default/secrets?dryRun=All";
    const { status, text } = await cluster.admin.call({ method: "POST", path, body });
    expect([status, text.slice(0, 400)]).toEqual([isTaken ? 201 : 422, expect.anything()]);
  });
});
