/** The parameters of a SecretProviderClass, by who reads them. */
export interface SplitParameters {
  /** Those of the dialect. */
  readonly own: ReadonlyMap<string, string>;
  /** Latchkey's own, which every dialect has. */
  readonly common: ReadonlyMap<string, string>;
}

/** The parameters that every dialect has. */
export const commonNames = ["notBefore", "spread", "canary", "canaryHold"] as const;

const common: ReadonlySet<string> = new Set(commonNames);

const none: ReadonlyMap<string, string> = new Map();

/** Splits the parameters of a SecretProviderClass, and leaves out what only the kubelet writes. */
export function splitParameters(parameters: ReadonlyMap<string, string>): SplitParameters {
  const names = [...parameters.keys()];
  // The usual mount has nothing to split.
  if (!names.some((name) => common.has(name) || isKubelets(name))) return { own: parameters, common: none };
  const written = [...parameters].filter(([name]) => !isKubelets(name));
  return {
    own: new Map(written.filter(([name]) => !common.has(name))),
    common: new Map(written.filter(([name]) => common.has(name))),
  };
}

/** Whether only the kubelet writes a parameter, whatever a SecretProviderClass says. */
export function isKubelets(parameter: string): boolean {
  return parameter.startsWith("csi.storage.k8s.io/") || parameter === "secretProviderClass";
}
