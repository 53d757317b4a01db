import { describe, expect, test } from "vitest";
import { parseNoProxy } from "../../src/http/no-proxy.ts";

const rows: readonly [no: string, direct: readonly string[], proxied: readonly string[]][] = [
  ["", ["localhost:1", "127.0.0.1:1", "127.8.8.8:1", "::1:1"], ["vault.test:8200", "10.0.0.1:443"]],
  ["*", ["vault.test:8200", "10.0.0.1:443"], []],
  ["vault.test", ["vault.test:8200", "a.vault.test:443", "VAULT.test.:1"], ["xvault.test:443", "test:443"]],
  [".vault.test", ["a.vault.test:443", "b.a.vault.test:443"], ["vault.test:443"]],
  ["*.svc", ["vault.svc:8200", "a.b.svc:1"], ["svc:1", "xsvc:1"]],
  ["vault.test:8200", ["vault.test:8200", "a.vault.test:8200"], ["vault.test:443"]],
  ["10.0.0.0/8, 192.168.1.7", ["10.9.8.7:443", "192.168.1.7:1"], ["11.0.0.1:443", "192.168.1.8:1", "a.10:1"]],
  ["192.168.1.7:8200", ["192.168.1.7:8200"], ["192.168.1.7:443"]],
  ["fd00::/8,[fe80::1]:8200", ["fd12::1:443", "fe80::1:8200"], ["fe80::1:443", "2001:db8::1:443"]],
  ["10.0.0.0/99, ,:, [, .", [], ["10.0.0.1:443", "vault.test:443"]],
];

describe("NO_PROXY", () => {
  for (const [no, direct, proxied] of rows) {
    const matches = (where: string) => {
      const at = where.lastIndexOf(":");
      return parseNoProxy(no)(where.slice(0, at), where.slice(at + 1));
    };
    test(`${JSON.stringify(no)} lets ${direct} be reached directly, not ${proxied}`, () => {
      expect(direct.filter((where) => !matches(where))).toEqual([]);
      expect(proxied.filter(matches)).toEqual([]);
    });
  }
});
