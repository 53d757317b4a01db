/** How old a value may be, as its SecretProviderClass has it. */
export interface WantedBounds {
  readonly refresh?: number | undefined;
  readonly maxStale?: number | undefined;
  readonly spread?: number | undefined;
  /** Share of pods, from 0 to 1. */
  readonly canary?: number | undefined;
  readonly canaryHold?: number | undefined;
  /** Since the epoch. */
  readonly notBefore?: number | undefined;
}

/** The bounds that satisfy both. */
export function strictest(a: WantedBounds, b: WantedBounds): WantedBounds {
  const least = (name: keyof WantedBounds) => {
    const given = [a[name], b[name]].filter((ms) => ms !== undefined);
    return given.length === 0 ? undefined : Math.min(...given);
  };
  const notBefore = [a.notBefore, b.notBefore].filter((time) => time !== undefined);
  return {
    ...{ refresh: least("refresh"), maxStale: least("maxStale"), spread: least("spread") },
    ...{ canary: least("canary"), canaryHold: least("canaryHold") },
    ...(notBefore.length === 0 ? {} : { notBefore: Math.max(...notBefore) }),
  };
}
