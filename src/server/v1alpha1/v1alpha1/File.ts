// Original file: proto/provider.proto


export interface File {
  /**
   * Relative to the mount point.
   */
  'path'?: (string);
  /**
   * 0 to 511.
   */
  'mode'?: (number);
  'contents'?: (Buffer | Uint8Array | string);
}

export interface File__Output {
  /**
   * Relative to the mount point.
   */
  'path': (string);
  /**
   * 0 to 511.
   */
  'mode': (number);
  'contents': (Buffer);
}
