import type { AddressPolicy } from "../address-policy.ts";
import { ProviderError } from "../errors.ts";
import type { Plan } from "../plan/plan.ts";
import { quoted } from "../plan/problems.ts";
import type { VerifyTarget } from "../plan/verify.ts";
import type { JudgeSurroundings, Verdict } from "./verdict.ts";

/** Finds what stands against trying new values: an operator who does not, addresses that are refused, connections that tell the password. */
export function verifyRisks(
  { secrets }: Plan,
  { addresses, operator, operatorKnown }: JudgeSurroundings,
): readonly Verdict[] {
  return secrets.flatMap(({ subject, verify }) => {
    if (verify === undefined) return [];
    const own = { at: { parameter: "secrets" }, subject: `${subject}.verify`, severity: "warning" } as const;
    const risks = verify.targets.flatMap((target) => [...addressRisks(target, addresses), ...tlsRisks(target)]);
    const off = operatorKnown && operator.verify !== true ? [notAllowed] : [];
    return [...off, ...risks].map((risk) => ({ ...own, ...risk }));
  });
}

type Risk = Pick<Verdict, "id" | "message" | "fix">;

const notAllowed: Risk = {
  id: "not-verified",
  message: "new values are not tried, for the operator has not set --verify",
  fix: "have the operator set --verify, or remove verify",
};

function addressRisks({ fields }: VerifyTarget, policy: AddressPolicy): readonly Risk[] {
  const written = [fields.host, fields.url].flatMap((each) =>
    each !== undefined && "text" in each ? [each.text] : [],
  );
  return written.flatMap((text) => {
    const host = text.includes("://") ? new URL(text).hostname.replace(/^\[|\]$/g, "") : text;
    try {
      policy.checkHost(host);
      return [];
    } catch (error) {
      if (!(error instanceof ProviderError)) throw error;
      return [{ id: "refused-address", message: error.message, fix: error.details.fix }] as const;
    }
  });
}

function tlsRisks({ kind, tls, fields: { url } }: VerifyTarget): readonly Risk[] {
  if (kind === "http") {
    if (url === undefined || !("text" in url) || !url.text.startsWith("http://")) return [];
    const message = `the credential travels unencrypted to ${quoted(url.text)}`;
    return [{ id: "plain-http", message, fix: "use https://, and name the CA where it is your own" }];
  }
  if (tls === "verify") return [];
  const fix = "write tls: verify, and the CA where it is your own";
  return [{ id: "no-tls-check", message: `any server is told the new credential: tls is ${tls}`, fix }];
}
