import type { Profile } from "../../src/config/profile.ts";
import type { OperatorAws } from "../../src/dialects/aws/operator.ts";
import type { OperatorAzure } from "../../src/dialects/azure/operator.ts";
import type { OperatorDefaults } from "../../src/dialects/dialect.ts";
import type { OperatorGcp } from "../../src/dialects/gcp/operator.ts";
import type { DialectName } from "../../src/dialects/index.ts";
import { type PlanInput, planOf as plan } from "../../src/dialects/plan-of.ts";
import type { OperatorVault } from "../../src/dialects/vault/operator.ts";
import { ProviderError } from "../../src/errors.ts";
import type { Plan } from "../../src/plan/plan.ts";
import { createStores } from "../../src/stores/index.ts";

/** Parameters by name. */
export type Parameters = Readonly<Record<string, string>>;

/** The pod's and the operator's settings that a test may choose besides the parameters. */
export interface Surroundings {
  readonly namespace?: string;
  readonly mode?: number;
  readonly profiles?: readonly Profile[];
  readonly vault?: Partial<OperatorVault>;
  readonly openbao?: Partial<OperatorVault>;
  readonly tlsDir?: string;
  readonly inlineStores?: boolean;
  readonly aws?: OperatorAws;
  readonly gcp?: Partial<OperatorGcp>;
  readonly azure?: OperatorAzure;
  readonly defaultAddress?: OperatorDefaults["defaultAddress"];
  readonly verify?: boolean;
}

const anyAddress = { checkHost: () => undefined, checkAddress: () => undefined };

/** The plan of parameters, with the real stores' schemas. */
export async function planOf(name: DialectName, parameters: Parameters, around: Surroundings = {}): Promise<Plan> {
  return await plan(name, inputOf(new Map(Object.entries(parameters)), around));
}

/** The input of a dialect, with stores that are never opened. */
export function inputOf(parameters: ReadonlyMap<string, string>, around: Surroundings = {}): PlanInput {
  return {
    parameters,
    namespace: around.namespace ?? "shop",
    mode: around.mode ?? 0o644,
    operator: {
      profiles: new Map((around.profiles ?? []).map((profile) => [profile.name, profile])),
      inlineStores: around.inlineStores ?? true,
      dialects: {
        vault: { mount: "kubernetes", tls: {}, ...around.vault },
        openbao: { mount: "kubernetes", tls: {}, ...around.openbao },
        aws: around.aws ?? {},
        gcp: { providerAdc: false, nodePublishSecret: false, ...around.gcp },
        azure: around.azure ?? {},
      },
      verify: around.verify,
      tlsDir: around.tlsDir,
      defaultAddress: around.defaultAddress,
    },
    stores: createStores({ addresses: anyAddress, concurrency: 4 }),
  };
}

/** Every problem that parameters have, one text each as the pod's event shows it; empty where there is none. */
export async function problemsOf(
  name: DialectName,
  parameters: Parameters,
  around: Surroundings = {},
): Promise<readonly string[]> {
  try {
    await planOf(name, parameters, around);
    return [];
  } catch (error) {
    if (!(error instanceof ProviderError)) throw error;
    const problems = error.problems.length === 0 ? [error] : error.problems;
    return problems.map((problem) => problem.describe());
  }
}
