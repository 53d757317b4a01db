/** Says which pods can read a file of a mode, for every word that sets one. */
export const whoReads = "Files belong to root: a pod that runs as another user reads 0444, or 0440 with group 0.";
