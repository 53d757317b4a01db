import { describe, expect, it } from "vitest";
import { ProviderError } from "../../src/errors.ts";
import { parseRequest, type WireRequest } from "../../src/mount/request.ts";

const kubelet = {
  "csi.storage.k8s.io/pod.name": "web-0",
  "csi.storage.k8s.io/pod.namespace": "shop",
  "csi.storage.k8s.io/pod.uid": "11-22",
  "csi.storage.k8s.io/serviceAccount.name": "payments",
  "csi.storage.k8s.io/ephemeral": "true",
  secretProviderClass: "db",
};

function wire(attributes: object | string = kubelet, rest: Partial<WireRequest> = {}): WireRequest {
  const text = typeof attributes === "string" ? attributes : JSON.stringify(attributes);
  return { attributes: text, secrets: "null", targetPath: "/t", permission: "420", ...rest };
}

function tokens(...entries: readonly [string, string][]): string {
  return JSON.stringify(
    Object.fromEntries(entries.map(([audience, token]) => [audience, { token, expirationTimestamp: "" }])),
  );
}

function errorOf(request: WireRequest): string {
  try {
    parseRequest(request);
    return "no error";
  } catch (error) {
    return error instanceof ProviderError ? `${error.id} ${error.message}` : `not a ProviderError: ${error}`;
  }
}

describe("request", () => {
  it("is read into identity, parameters and mode", () => {
    const request = parseRequest(wire({ ...kubelet, objects: "[]", region: null, __proto__x: "y" }));
    expect(request).toEqual({
      parameters: new Map([
        ["objects", "[]"],
        ["region", ""],
        ["__proto__x", "y"],
      ]),
      secretProviderClass: "db",
      namespace: "shop",
      serviceAccount: "payments",
      pod: { name: "web-0", uid: "11-22" },
      tokens: new Map(),
      mode: 0o644,
      targetPath: "/t",
    });
  });

  it("keeps parameters called __proto__ and constructor", () => {
    const { parameters } = parseRequest(
      wire(JSON.stringify(kubelet).replace("{", '{"__proto__":"a","constructor":"b",')),
    );
    expect([...parameters]).toEqual([
      ["__proto__", "a"],
      ["constructor", "b"],
    ]);
  });

  it("has no pod where the sync controller asks", () => {
    const { "csi.storage.k8s.io/pod.name": _name, "csi.storage.k8s.io/pod.uid": _uid, ...rest } = kubelet;
    expect(parseRequest(wire(rest)).pod).toBe(undefined);
  });

  it("has tokens from the attributes", () => {
    const request = parseRequest(
      wire({ ...kubelet, "csi.storage.k8s.io/serviceAccount.tokens": tokens(["vault", "t1"], ["", "t2"]) }),
    );
    expect([...request.tokens].map(([audience, token]) => [audience, token.reveal()])).toEqual([
      ["vault", "t1"],
      ["", "t2"],
    ]);
    expect(JSON.stringify([...request.tokens])).not.toContain("t1");
  });

  it("has tokens from secrets, which win over attributes and are no credentials", () => {
    const attributes = { ...kubelet, "csi.storage.k8s.io/serviceAccount.tokens": tokens(["vault", "users"]) };
    const secrets = JSON.stringify({
      user: "u",
      "csi.storage.k8s.io/serviceAccount.tokens": tokens(["vault", "kubelets"]),
    });
    const request = parseRequest(wire(attributes, { secrets }));
    expect(request.tokens.get("vault")?.reveal()).toBe("kubelets");
    expect([...(request.credentials?.reveal() ?? [])]).toEqual([["user", "u"]]);
  });

  it("takes a permission of null for 0 and no secrets for none", () => {
    expect(parseRequest(wire(kubelet, { permission: "null", secrets: "" })).mode).toBe(0);
  });

  const { "csi.storage.k8s.io/pod.namespace": _, ...withoutNamespace } = kubelet;
  const deep = "[".repeat(20_000);
  const wrong: readonly [string, WireRequest, string][] = [
    ["attributes cut off", wire('{"a":'), "LK0002 attributes is not valid JSON: "],
    ["attributes of another type", wire("[]"), "LK0002 attributes is not a JSON object"],
    ["a number for text", wire('{"a":1}'), "LK0002 attributes must map text to text"],
    ["20,000 nested brackets", wire(`{"a":${deep}`), "LK0002 attributes is not valid JSON: "],
    [
      "no namespace",
      wire(withoutNamespace),
      "LK0002 attributes hold no csi.storage.k8s.io/pod.namespace that is a Kubernetes name",
    ],
    [
      "namespace that climbs",
      wire({ ...kubelet, "csi.storage.k8s.io/pod.namespace": "../x" }),
      "LK0002 attributes hold no csi.storage.k8s.io/pod.namespace",
    ],
    [
      "dots that climb",
      wire({ ...kubelet, "csi.storage.k8s.io/serviceAccount.name": "a..b" }),
      "LK0002 attributes hold no csi.storage.k8s.io/serviceAccount.name",
    ],
    ["secrets of another type", wire(kubelet, { secrets: "7" }), "LK0002 secrets is not a JSON object"],
    [
      "tokens cut off",
      wire({ ...kubelet, "csi.storage.k8s.io/serviceAccount.tokens": "{" }),
      "LK0002 serviceAccount.tokens is not valid JSON: ",
    ],
    [
      "tokens of another type",
      wire({ ...kubelet, "csi.storage.k8s.io/serviceAccount.tokens": '{"a":"b"}' }),
      "LK0002 serviceAccount.tokens holds an entry without a token",
    ],
    [
      "permission of text",
      wire(kubelet, { permission: '"420"' }),
      "LK0002 permission must be a whole number from 0 to 511 (0777)",
    ],
    ["permission too large", wire(kubelet, { permission: "512" }), "LK0002 permission must be a whole number"],
    ["permission with a fraction", wire(kubelet, { permission: "420.0" }), "LK0002 permission must be a whole number"],
    ["permission below zero", wire(kubelet, { permission: "-1" }), "LK0002 permission must be a whole number"],
    ["no permission", wire(kubelet, { permission: "" }), "LK0002 permission is not valid JSON: "],
    ["no target path", wire(kubelet, { targetPath: "" }), "LK0002 target path must be an absolute path"],
    ["relative target path", wire(kubelet, { targetPath: "a" }), "LK0002 target path must be an absolute path"],
    ["8 MiB of attributes", wire(" ".repeat(8 * 1024 ** 2 + 1)), "LK0002 attributes is longer than 8388608 characters"],
  ];
  it.each(wrong)("is refused: %s", (_, request, message) => {
    expect(errorOf(request).slice(0, message.length)).toBe(message);
  });

  it("quotes nothing of what it cannot read", () => {
    expect(errorOf(wire(kubelet, { secrets: '{"a":"hunter2' }))).not.toContain("hunter2");
  });

  it("is read alike by the fast way and by the exact one", () => {
    for (const [text, read] of [
      ['{"__proto__":"p","constructor":"c","2":"b","1":"a"}', ["__proto__ p", "constructor c", "1 a", "2 b"]],
      ['{"a":"1","a":"2"}', ["a 2"]],
      ['{"a":"\\ud800x"}', ["a \ufffdx"]],
      ['{"a":null}', ["a "]],
    ] as const) {
      const attributes = `${JSON.stringify(kubelet).slice(0, -1)},${text.slice(1)}`;
      const { parameters } = parseRequest(wire(attributes));
      expect([...parameters].map((entry) => entry.join(" ")).toSorted()).toEqual([...read].toSorted());
    }
    for (const text of ['"abc"', "[]", '["a"]', '{"a":1}', '{"a":{}}', "7"]) {
      expect(errorOf(wire(text))).toMatch(/^LK0002 attributes /);
    }
  });
});
