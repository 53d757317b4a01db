import { createClient } from "@redis/client";
import { codeOf, lookupOf, tlsOf } from "./connect.ts";
import type { Try } from "./job.ts";

/** Answers that let nobody in (https://redis.io/docs/latest/commands/auth/); Redis before 6 has `ERR invalid password`. */
const refusal =
  /^(?:(WRONGPASS|NOAUTH)\b|ERR (invalid password|AUTH <password> called without any password|Client sent AUTH))/;

/** Logs in at a Redis or Valkey server. */
export const tryRedis: Try = async (job, signal) => {
  const tls = tlsOf(job);
  const client = createClient({
    ...(job.user === undefined ? {} : { username: job.user }),
    password: job.password ?? "",
    RESP: 2,
    disableClientInfo: true,
    socket: {
      ...{ host: job.host, port: job.port, lookup: lookupOf(job), autoSelectFamily: true },
      ...(tls === undefined ? {} : { ...tls, tls: true }),
      connectTimeout: job.longest,
      reconnectStrategy: false,
    },
  });
  client.on("error", () => undefined);
  const leave = () => client.destroy();
  signal.addEventListener("abort", leave, { once: true });
  try {
    await client.connect();
    return { verdict: "ok" };
  } catch (error) {
    const text = error instanceof Error ? error.message : "";
    const refused = refusal.exec(text);
    return refused === null
      ? { verdict: "unreachable", code: codeOf(error) }
      : { verdict: "refused", code: refused[1] ?? "ERR" };
  } finally {
    signal.removeEventListener("abort", leave);
    if (client.isOpen) client.destroy();
  }
};
