/**
 * Stands in the bundle for axios, which node-vault loads but never uses here: it gets our transport
 * (docs/decisions/0004-node-vault.md). Calling it is a bug, and says so.
 */
export default {
  create(): never {
    throw new Error("axios is not part of the bundle: node-vault must get its transport injected");
  },
};
