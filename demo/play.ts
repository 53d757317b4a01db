import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parse } from "yaml";
import { createDriver, type Driver, PublishError, type Published, type PublishOptions } from "../test/driver.ts";
import type { TokenIssuer } from "../test/tokens.ts";
import { promise } from "./check.ts";
import type { Latchkey } from "./latchkey.ts";
import type { Screen } from "./screen.ts";
import type { DemoStore } from "./store.ts";

/** Everything that the parts of the demo work with. */
export interface Stage {
  readonly screen: Screen;
  readonly store: DemoStore;
  readonly latchkey: Latchkey;
  readonly issuer: TokenIssuer;
  readonly directory: string;
}

/** A stage with the driver and the kubelet played on it. */
export interface Play extends Stage {
  readonly driver: Driver;
  /** Name of a pod. */
  pods(number: number): string;
  /** Waits until everything in the cache is older than `--refresh`. */
  untilOld(): Promise<void>;
  /** Waits until a running pod's remount was denied. */
  untilDenied(): Promise<void>;
}

/** Opens the driver's side. Close its `driver` when done. */
export function openPlay(stage: Stage): Play {
  const play: Play = {
    ...stage,
    driver: createDriver({ socketDir: stage.latchkey.socketDir }),
    pods: (number) => `web-${number}`,
    untilOld: () => stage.screen.waiting("the kubelet's next round, a second later", () => sleep(1_150)),
    untilDenied: () => stage.screen.waiting("the kubelet's next round, a second later", () => untilDenied(play)),
  };
  return play;
}

async function publishOptions(play: Play, number: number, spc = play.store.spc): Promise<PublishOptions> {
  const { issuer, store, directory } = play;
  const name = play.pods(number);
  const uid = `demo-${name}`;
  const who = { namespace: "shop", serviceAccount: "web", podName: name, podUid: uid };
  const { spec } = parse(spc) as { spec: { parameters: Record<string, string> } };
  return {
    provider: store.provider,
    parameters: spec.parameters,
    secretProviderClass: "web",
    pod: { name, namespace: "shop", uid, serviceAccount: "web" },
    tokens: await issuer.tokens(who, ["vault"]),
    targetRoot: join(directory, "kubelet"),
    timeoutMs: 10_000,
  };
}

/** Publishes a pod's volume. Throws where that fails, also where the driver would mask it. */
export async function publish(play: Play, number: number): Promise<{ published: Published; ms: number }> {
  const options = await publishOptions(play, number);
  const started = performance.now();
  const published = await play.driver.publish(options);
  promise(`${play.pods(number)} is mounted`, published.masked === undefined, published.masked?.message);
  return { published, ms: Math.round(performance.now() - started) };
}

/** The error of a publish. Throws where there is none. */
export async function publishError(play: Play, number: number, spc?: string): Promise<PublishError> {
  const outcome = await play.driver.publish(await publishOptions(play, number, spc)).catch((thrown: unknown) => thrown);
  if (outcome instanceof PublishError) return outcome;
  promise(`${play.pods(number)} is refused`, false, outcome);
  throw outcome;
}

async function untilDenied(play: Play): Promise<void> {
  for (let tries = 0; tries < 100; tries += 1) {
    await sleep(100);
    const { masked } = await play.driver.publish(await publishOptions(play, 1));
    if (masked?.code === "PERMISSION_DENIED") return;
  }
  promise("a running pod's remount is denied", false);
}
