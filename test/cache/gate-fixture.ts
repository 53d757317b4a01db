import { type BudgetLimits, CallBudget } from "../../src/cache/call-budget.ts";
import { Gate, type GatedCall } from "../../src/cache/gate.ts";
import { FakeLoads } from "./fake-loads.ts";
import { VirtualTime } from "./virtual-time.ts";

interface GateSettings {
  readonly budget: BudgetLimits;
  readonly random?: () => number;
  /** Holds for each call that does not say otherwise. */
  readonly hasNext: boolean;
}

/** The parts of a call that a test sets; the others are the usual ones. */
export type Sending = Partial<GatedCall<{ value: string }>>;

/** A gate in virtual time before a store that the test speaks for. */
export function startGate({ budget, random = () => 0, hasNext }: GateSettings) {
  const time = new VirtualTime();
  const gate = new Gate({
    clock: time,
    random,
    room: new CallBudget(budget),
    slowAfter: 1_500,
    place: "https://vault",
  });
  const store = new FakeLoads();
  const send = (more: Sending = {}) =>
    gate.send({
      ...{ namespace: "shop", login: "shop", urgent: true, repeatable: true, run: store.load },
      ...{ until: time.now() + 30_000, hasNext, signal: new AbortController().signal },
      ...more,
    });
  return { time, gate, store, send };
}
