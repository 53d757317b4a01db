import { createDriver } from "../test/driver.ts";
import { buildBareServer, type Program, startBare, startLatchkey } from "./programs.ts";
import { median, type Row } from "./table.ts";

const rounds = 15;

/** From the start of the process to the answer to `Version`, bare and Latchkey in turns. */
export async function measureStart(): Promise<readonly Row[]> {
  const script = await buildBareServer();
  const bare: number[] = [];
  const ours: number[] = [];
  for (let round = 0; round <= rounds; round += 1) {
    const [first, second] = [await startTime(() => startBare(script)), await startTime(() => startLatchkey([]))];
    if (round === 0) continue; // fills both compile caches
    bare.push(first);
    ours.push(second);
  }
  const ratio = median(ours) / median(bare);
  return [
    {
      what: "process start to Version answered, median of 15",
      measured: `${median(ours).toFixed(0)} ms`,
      against: `bare grpc-js server: ${median(bare).toFixed(0)} ms`,
      goal: "<= 1.5 x bare",
      holds: ratio <= 1.5,
    },
  ];
}

async function startTime(start: () => Promise<Program>): Promise<number> {
  const before = performance.now();
  const program = await start();
  const driver = createDriver({ socketDir: program.socketDir });
  await driver.version("latchkey");
  const time = performance.now() - before;
  driver.close();
  await program.stop();
  return time;
}
