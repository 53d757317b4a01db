import { ProviderError } from "../errors.ts";

/** `LK0018` for one object that is not what was asked for. It says nothing about others. */
export function unreadable(what: string, kind: string): ProviderError {
  return new ProviderError("LK0018", `the Kubernetes API's answer for ${what} is not a ${kind}`, {
    fix: "look at the object with kubectl get -o yaml; check that --kubernetes-api is the API server",
  });
}
