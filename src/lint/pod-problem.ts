import type { YamlPosition } from "../formats/yaml-node.ts";
import type { FindingId } from "./finding.ts";

/** Something wrong with how a pod uses a volume, or a Secret that is made of one. */
export interface PodProblem {
  readonly rule: FindingId;
  readonly severity: "error" | "warning";
  readonly at: YamlPosition;
  readonly subject: string;
  readonly message: string;
  readonly fix: string;
}
