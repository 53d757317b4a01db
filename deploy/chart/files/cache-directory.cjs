// Run before Latchkey starts, once by each user that it can run as: 65532, or root with deliver=provider. Arguments: the cache
// directory, and the user that it runs as now.
//
// That user makes the directory, for itself alone. The other one removes what it had there when `deliver` was changed: without a
// capability not even root can enter or take over another user's directory, and Latchkey refuses one that is not its own.
const { chmodSync, lstatSync, mkdirSync, rmSync } = require("node:fs");
const [directory, user] = process.argv.slice(1);
if (process.getuid() === Number(user)) {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  chmodSync(directory, 0o700);
} else if (lstatSync(directory, { throwIfNoEntry: false })?.uid === process.getuid()) {
  rmSync(directory, { recursive: true });
}
