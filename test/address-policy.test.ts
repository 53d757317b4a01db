import { describe, expect, test } from "vitest";
import { createAddressPolicy } from "../src/address-policy.ts";

const refusedHosts = [
  "127.0.0.1",
  "127.1.2.3",
  "127.1",
  "0x7f000001",
  "2130706433",
  "0177.0.0.1",
  "0.0.0.0",
  "0.1.2.3",
  "169.254.1.1",
  "169.254.169.254",
  "169.254.170.2",
  "169.254.170.23",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "224.0.0.1",
  "239.255.255.255",
  "255.255.255.255",
  "::",
  "::1",
  "fe80::1",
  "fe80::1%eth0",
  "ff02::1",
  "fd00:ec2::254",
  "FD00:EC2::23",
  "fd20:ce::254",
  "::ffff:127.0.0.1",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "::127.0.0.1",
  "::ffff:0:169.254.169.254",
  "64:ff9b::169.254.169.254",
  "64:ff9b::7f00:1",
  "64:ff9b:1::169.254.169.254",
  "2002:7f00:1::1",
  "2002:a9fe:a9fe::",
  "2001:0:a9fe:a9fe::1",
  "2001:0:1:1::5601:5601",
  "localhost",
  "LOCALHOST.",
  "a.localhost",
  "metadata.google.internal",
  "Metadata.Google.Internal.",
  "metadata",
  "metadata.goog",
  "instance-data.ec2.internal",
  "unix:///run/vault.sock",
  "unix:/run/vault.sock",
];

const acceptedHosts = [
  "vault.internal",
  "10.0.0.1",
  "192.168.1.1",
  "172.16.0.9",
  "100.64.0.1",
  "100.100.100.201",
  "8.8.8.8",
  "fd00::1",
  "fd00:ec2::253",
  "2606:4700::1",
  "::ffff:10.0.0.1",
  "64:ff9b::808:808",
  "2002:a00:1::1",
  "localhost.example.com",
  "vault.default.svc.cluster.local",
];

describe("an address that a SecretProviderClass chooses", () => {
  const policy = createAddressPolicy([]);
  for (const host of refusedHosts) {
    test(`${host} is refused`, () => {
      expect(() => policy.checkHost(host)).toThrow(expect.objectContaining({ id: "LK0022" }));
    });
  }
  for (const host of acceptedHosts) {
    test(`${host} is accepted`, () => {
      expect(policy.checkHost(host)).toBeUndefined();
    });
  }

  test("a harmless name that resolves to a refused address is refused, and the error says both and the fix", () => {
    expect(policy.checkAddress("vault.example.com", "10.0.0.1")).toBeUndefined();
    expect(() => policy.checkAddress("vault.example.com", "169.254.169.254")).toThrow(
      expect.objectContaining({
        id: "LK0022",
        message:
          "the address vault.example.com (169.254.169.254) is a cloud's metadata service, which a SecretProviderClass may not choose",
        details: { fix: "use another address, or have the operator add --allow-address 169.254.169.254" },
      }),
    );
  });

  test("a resolver's answer that is no address is refused", () => {
    expect(() => policy.checkAddress("vault.example.com", "nonsense")).toThrow(
      expect.objectContaining({ id: "LK0022" }),
    );
  });
});

const allowances: readonly [entry: string, host: string, address: string][] = [
  ["127.0.0.1", "127.0.0.1", "127.0.0.1"],
  ["127.0.0.1", "::ffff:127.0.0.1", "::ffff:127.0.0.1"],
  ["127.0.0.0/8", "127.9.9.9", "127.9.9.9"],
  ["::1", "::1", "::1"],
  ["fe80::/10", "fe80::9", "fe80::9"],
  ["0.0.0.0/0", "169.254.169.254", "169.254.169.254"],
  ["localhost", "localhost", "127.0.0.1"],
  ["Localhost.", "LOCALHOST", "::1"],
  ["vault.local", "vault.local", "127.0.0.1"],
];

describe("--allow-address", () => {
  for (const [entry, host, address] of allowances) {
    test(`${entry} allows ${host} at ${address}`, () => {
      const policy = createAddressPolicy([entry]);
      expect(policy.checkHost(host)).toBeUndefined();
      expect(policy.checkAddress(host, address)).toBeUndefined();
    });
  }

  test("a Unix socket is allowed by its exact path only", () => {
    const policy = createAddressPolicy(["unix:///run/vault.sock"]);
    expect(policy.checkHost("unix:///run/vault.sock")).toBeUndefined();
    expect(() => policy.checkHost("unix:///run/vault.sock2")).toThrow(expect.objectContaining({ id: "LK0022" }));
  });

  test("one allowed address opens no other", () => {
    const policy = createAddressPolicy(["127.0.0.1", "vault.local"]);
    for (const host of ["127.0.0.2", "169.254.169.254", "::1", "localhost"]) {
      expect(() => policy.checkHost(host)).toThrow(expect.objectContaining({ id: "LK0022" }));
    }
    expect(() => policy.checkAddress("other.local", "169.254.169.254")).toThrow(
      expect.objectContaining({ id: "LK0022" }),
    );
  });

  for (const entry of [
    "",
    " ",
    "10.0.0.0/33",
    "fd00::/129",
    "10.0.0",
    "127.1",
    "a b",
    "-x",
    "http://x",
    "unix://",
    "unix:///",
    "*.x",
    "10.0.0.1/",
    "fe80::1%eth0",
  ]) {
    test(`the entry ${JSON.stringify(entry)} stops the start with what is allowed`, () => {
      expect(() => createAddressPolicy([entry])).toThrow(
        expect.objectContaining({
          id: "LK0020",
          details: { fix: "write an IP (10.0.0.8, fd00::8), a CIDR (10.0.0.0/8), a host name, or unix:///path" },
        }),
      );
    });
  }
});
