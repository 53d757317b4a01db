import { options } from "../node/options.ts";

/** The settings of an operator that a plan hangs on. */
export const planOptions: readonly string[] = Object.entries(options).flatMap(([name, { shapesPlans }]) =>
  shapesPlans === true ? [name] : [],
);

/** The operator's settings for Kubernetes Secrets. */
export const secretOptions: readonly string[] = [
  "sync",
  "syncNamespaces",
  "syncSystemNamespaces",
  "syncMetadataPrefixes",
];
