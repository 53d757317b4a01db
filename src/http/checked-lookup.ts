import { lookup } from "node:dns";
import type { LookupFunction } from "node:net";
import type { AddressPolicy } from "../address-policy.ts";

/** A DNS look-up whose answers pass the policy, every one of them: a name with one refused address is refused. */
export function checkedLookup(addresses: AddressPolicy): LookupFunction {
  return (host, options, callback) => {
    lookup(host, { ...options, all: true }, (error, found) => {
      const refusal = error ?? refusedIn(addresses, host, found);
      const [first] = found ?? [];
      if (refusal !== null) callback(refusal, []);
      else if (options.all === true || first === undefined) callback(null, found);
      else callback(null, first.address, first.family);
    });
  };
}

function refusedIn(addresses: AddressPolicy, host: string, found: readonly { address: string }[]): Error | null {
  try {
    for (const { address } of found) addresses.checkAddress(host, address);
    return null;
  } catch (thrown) {
    return thrown instanceof Error ? thrown : new TypeError("the address policy threw a value that is not an error");
  }
}
