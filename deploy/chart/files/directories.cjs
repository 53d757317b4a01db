// Run once before Latchkey starts, as root without any capability. Arguments: a group, the socket directory, its dialects,
// and other directories that Latchkey makes something in. FORMER_CACHE, where it is set, is the cache directory.
//
// The kubelet or the driver makes the socket directory, for root alone. This lets the group put sockets there: root owns the
// directory and is a member of the group here (fsGroup), so that chown and chmod are an owner's ordinary rights. The owner
// stays root, for other providers; with the sticky bit nobody but root can replace their sockets. Sockets that a dead provider
// of root's left behind under our names would stand in the way, so they are removed; one that answers is left alone. A cache
// directory of root's is one of deliver=provider, which Latchkey's user could neither enter nor remove.
const { chmodSync, chownSync, lstatSync, rmSync } = require("node:fs");
const { connect } = require("node:net");
const [group, sockets, names, ...others] = process.argv.slice(1);
for (const directory of [sockets, ...others]) {
  chownSync(directory, -1, Number(group));
  chmodSync(directory, 0o1775);
}
for (const name of names.split(",")) {
  const path = `${sockets}/${name}.sock`;
  const socket = connect(path, () => socket.destroy());
  socket.on("error", ({ code }) => code === "ECONNREFUSED" && rmSync(path));
}
const { FORMER_CACHE } = process.env;
if (FORMER_CACHE && lstatSync(FORMER_CACHE, { throwIfNoEntry: false })?.uid === process.getuid()) {
  rmSync(FORMER_CACHE, { recursive: true });
}
