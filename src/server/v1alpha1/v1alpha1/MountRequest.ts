// Original file: proto/provider.proto

import type { ObjectVersion as _v1alpha1_ObjectVersion, ObjectVersion__Output as _v1alpha1_ObjectVersion__Output } from '../v1alpha1/ObjectVersion.ts';

export interface MountRequest {
  /**
   * JSON object, string to string: parameters, volume attributes and the kubelet's keys.
   */
  'attributes'?: (string);
  /**
   * JSON object of nodePublishSecretRef's data, or "null".
   */
  'secrets'?: (string);
  /**
   * Absolute path of the volume's mount point on the node.
   */
  'targetPath'?: (string);
  /**
   * JSON number: decimal of the file mode, 420 for 0644.
   */
  'permission'?: (string);
  'currentObjectVersion'?: (_v1alpha1_ObjectVersion)[];
}

export interface MountRequest__Output {
  /**
   * JSON object, string to string: parameters, volume attributes and the kubelet's keys.
   */
  'attributes': (string);
  /**
   * JSON object of nodePublishSecretRef's data, or "null".
   */
  'secrets': (string);
  /**
   * Absolute path of the volume's mount point on the node.
   */
  'targetPath': (string);
  /**
   * JSON number: decimal of the file mode, 420 for 0644.
   */
  'permission': (string);
  'currentObjectVersion': (_v1alpha1_ObjectVersion__Output)[];
}
