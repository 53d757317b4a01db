import type { Try, VerifyJob, VerifyResult } from "./job.ts";

// Tries credentials, apart from everything else of the process: a target may answer anything, and only the clients that are needed
// are loaded here.

const tries: Readonly<Record<VerifyJob["kind"], () => Promise<Try>>> = {
  postgres: async () => (await import("./try-postgres.ts")).tryPostgres,
  mysql: async () => (await import("./try-mysql.ts")).tryMysql,
  redis: async () => (await import("./try-redis.ts")).tryRedis,
  http: async () => (await import("./try-http.ts")).tryHttp,
};

/** A target may send without end, and buffers are in no heap: how often the memory is looked at, in milliseconds. */
const lookEvery = 50;

const mostBytes = Number(process.argv[2]);
setInterval(() => {
  if (process.memoryUsage.rss() > mostBytes) process.exit(1);
}, lookEvery).unref();

process.on("message", (job: VerifyJob) => {
  void resultOf(job).then((result) => process.send?.(result));
});
process.on("disconnect", () => process.exit());
process.send?.("ready");

async function resultOf(job: VerifyJob): Promise<VerifyResult> {
  const { id } = job;
  const signal = AbortSignal.timeout(job.longest);
  const late = new Promise<Omit<VerifyResult, "id">>((resolve) => {
    signal.addEventListener("abort", () => resolve({ verdict: "unreachable", code: "ETIMEDOUT" }), { once: true });
  });
  try {
    const run = await tries[job.kind]();
    return { id, ...(await Promise.race([late, run(job, signal)])) };
  } catch {
    // Whatever a client throws may quote what it was given.
    return { id, verdict: "unreachable", code: "FAILED" };
  }
}
