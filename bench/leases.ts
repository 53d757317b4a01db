import { measureLeases } from "./lease-figures.ts";
import { printTable } from "./table.ts";

// `node bench/leases.ts [seconds]`: what leases weigh, and how twenty pods keep database users; five minutes by default.

printTable(await measureLeases(Number(process.argv[2] ?? 300)));
