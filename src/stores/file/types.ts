/** A directory of secrets that the operator keeps. */
export interface FileSettings {
  /** Absolute path; `{namespace}` and `{serviceAccount}` are replaced by the pod's. */
  readonly directory: string;
}

/** All files below the directory whose names begin so. */
export interface FileSearch {
  readonly prefix: string;
}

/** One file below the directory. */
export interface FileRef {
  /** Relative path, `/` between the parts. */
  readonly name: string;
}
