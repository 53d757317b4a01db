import type { WordPlace } from "./words.ts";

/** A provider of the driver that Latchkey does not take the place of. */
interface OtherProvider {
  /** `spec.provider`. */
  readonly name: string;
  /** Its words, so that one of them in the wrong class is told from a slip. */
  readonly places?: readonly WordPlace[];
}

/** Its documentation: secrets-store-csi-driver-provider-azure. */
const azureParameters =
  "objects keyvaultName tenantId cloudName cloudEnvFileName usePodIdentity useVMManagedIdentity userAssignedIdentityID clientID";
const azureFields =
  "objectName objectType objectAlias objectVersion objectVersionHistory objectFormat objectEncoding filePermission";

function placesOf(list: string, parameters: string, fields: string): readonly WordPlace[] {
  return [
    { kind: "parameter", where: `beside ${list}, as a parameter`, words: parameters.split(" ") },
    { kind: list, where: `in an entry of ${list}`, words: fields.split(" ") },
  ];
}

const unread = "akeyless conjur infisical yandex oci ibm tencentcloud alibabacloud";

/** Other providers of the driver, which are no mistake. One that has become a dialect counts as that. */
export const otherProviders: readonly OtherProvider[] = [
  { name: "azure", places: placesOf("objects", azureParameters, azureFields) },
  ...unread.split(" ").map((name) => ({ name })),
];
