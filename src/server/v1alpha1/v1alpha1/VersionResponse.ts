// Original file: proto/provider.proto


export interface VersionResponse {
  /**
   * Version of this API: "v1alpha1".
   */
  'version'?: (string);
  'runtimeName'?: (string);
  /**
   * Semantic version of the provider.
   */
  'runtimeVersion'?: (string);
}

export interface VersionResponse__Output {
  /**
   * Version of this API: "v1alpha1".
   */
  'version': (string);
  'runtimeName': (string);
  /**
   * Semantic version of the provider.
   */
  'runtimeVersion': (string);
}
