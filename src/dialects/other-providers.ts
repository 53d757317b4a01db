import type { WordPlace } from "./words.ts";

/** A provider of the driver that Latchkey does not take the place of. */
interface OtherProvider {
  /** `spec.provider`. */
  readonly name: string;
  /** Its words, so that one of them in the wrong class is told from a slip. */
  readonly places?: readonly WordPlace[];
}

const unread = "akeyless conjur infisical yandex oci ibm tencentcloud alibabacloud";

/** Other providers of the driver, which are no mistake. One that has become a dialect counts as that. */
export const otherProviders: readonly OtherProvider[] = [...unread.split(" ").map((name) => ({ name }))];
