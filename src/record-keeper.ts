/** Keeps small facts that others told over a restart, sealed. */
export interface RecordKeeper {
  saveRecord(name: string, bytes: Uint8Array): Promise<void>;
  loadRecord(name: string): Promise<Uint8Array | undefined>;
}
