import { setTimeout as sleep } from "node:timers/promises";

/** Asks until the answer is as wanted, for ten seconds and more (with `most`: that many times 50 ms); gives the last one. */
export async function until<T>(ask: () => Promise<T>, isWanted: (answer: T) => boolean, most = 200): Promise<T> {
  for (let tries = 0; tries < most; tries += 1) {
    const answer = await ask();
    if (isWanted(answer)) return answer;
    await sleep(50);
  }
  return await ask();
}
