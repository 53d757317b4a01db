// Run once before Latchkey starts, as its user: what it makes belongs to nobody else.
const { chmodSync, mkdirSync } = require("node:fs");
const [directory] = process.argv.slice(1);
mkdirSync(directory, { recursive: true, mode: 0o700 });
chmodSync(directory, 0o700);
