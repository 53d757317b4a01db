import { labelValueProblem, metadataKeyProblem } from "../dialects/native/kubernetes-names.ts";
import { knownSecretTypes } from "../dialects/native/kubernetes-secret-types.ts";
import { nearest } from "../nearest.ts";
import { named, quoted } from "../plan/problems.ts";
import { type Fields, fieldsOf, notTextOf, textOf } from "./kubernetes-objects.ts";
import { badSecretObject, type SecretObjectProblem, type Text } from "./secret-object-fields.ts";

/** A type that is nearly one of Kubernetes' own: it is taken, but for another one. */
export function typeProblem({ text, at }: Text, place: string): readonly SecretObjectProblem[] {
  if (text === "" || knownSecretTypes.includes(text)) return [];
  const short = knownSecretTypes.find((type) => type.endsWith(`/${text}`));
  const meant = short ?? nearest(text, knownSecretTypes);
  if (meant === undefined) return [];
  const message = `Kubernetes takes ${quoted(text)} for a type of your own`;
  const fix = `did you mean ${quoted(meant)}?`;
  return [{ rule: "unknown-secret-type", at, subject: `${place}.type`, message, fix }];
}

const accountKey = "kubernetes.io/service-account.name";

/** The API server takes a service account's token only with the name of the account. */
export function serviceAccountProblem(
  { text, at }: Text,
  fields: Fields,
  place: string,
): readonly SecretObjectProblem[] {
  if (text !== "kubernetes.io/service-account-token") return [];
  if (textOf(fieldsOf(fields.get("annotations")?.value), accountKey) !== "") return [];
  const message = `a Secret of type ${text} needs the annotation ${accountKey}`;
  return [
    badSecretObject(at, `${place}.type`, message, "choose another type: this one holds tokens that Kubernetes makes"),
  ];
}

/** Finds the labels or annotations that the API server would refuse. */
export function metadataProblems(
  fields: Fields,
  kind: "labels" | "annotations",
  place: string,
): readonly SecretObjectProblem[] {
  const own = fieldsOf(fields.get(kind)?.value);
  return [...own].flatMap(([key, { at }]) => {
    const subject = `${place}.${kind}.${named(key)}`;
    const wrongKey = metadataKeyProblem(key);
    if (wrongKey !== undefined)
      return [badSecretObject(at, subject, `not a key of Kubernetes: ${wrongKey}`, "rename it")];
    const wrong = notTextOf(own, key);
    if (wrong !== undefined) return [badSecretObject(wrong.at, subject, `${named(key)} ${wrong.message}`, wrong.fix)];
    const wrongValue = kind === "labels" ? labelValueProblem(textOf(own, key)) : undefined;
    return wrongValue === undefined
      ? []
      : [badSecretObject(at, subject, `not a value of a label: ${wrongValue}`, "write another")];
  });
}
