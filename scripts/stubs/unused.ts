/** Stands in the bundle for what node-vault loads but never calls here (docs/decisions/0004-node-vault.md). */
export default {};
