import { FormatError } from "./format-error.ts";
import type { Expression } from "./jmespath.ts";
import { checkArguments } from "./jmespath-arguments.ts";
import { functions } from "./jmespath-functions.ts";
import { fromPlain, isEqual, isFalse, type Meter } from "./jmespath-values.ts";
import { isJsonArray, isJsonObject, JsonNumber, type JsonObject, type JsonValue } from "./json.ts";

/**
 * Evaluates an expression as go-jmespath 0.4.0 does; null where it points to nothing. Numbers count as 64-bit floats and
 * keep their text where they are only passed on. Throws `FormatError` where a function is given what it does not take,
 * and `CostError` where the work grows beyond all that secrets need; evaluations with one meter share its bound.
 */
export function searchJmesPath(expression: Expression, value: JsonValue, meter: Meter): JsonValue {
  const result = new Evaluation(meter).visit(expression, value);
  meter.look(result);
  return result;
}

type Node<T extends Expression["type"]> = Extract<Expression, { readonly type: T }>;

/** The library has one type for all nodes with two sides. */
type Either = Extract<Expression, { readonly left: Expression; readonly right: Expression }>;

/** One evaluation, with what it has cost so far. */
class Evaluation {
  readonly #meter: Meter;

  constructor(meter: Meter) {
    this.#meter = meter;
  }

  visit(node: Expression, value: JsonValue): JsonValue {
    this.#meter.charge(1);
    switch (node.type) {
      case "Field":
        return isJsonObject(value) ? (value.get(node.name) ?? null) : null;
      case "Index":
        return isJsonArray(value) ? (value.at(node.value) ?? null) : null;
      case "Slice":
        return isJsonArray(value) ? this.#slice(node, value) : null;
      case "Literal":
        return this.#literal(node);
      case "Function":
        return this.#call(node, value);
      case "Subexpression":
      case "IndexExpression":
      case "Pipe":
        return this.visit(node.right, this.visit(node.left, value));
      case "Comparator":
        return this.#compare(node, value);
      case "OrExpression":
      case "AndExpression":
        return this.#either(node, value);
      case "NotExpression":
        return isFalse(this.visit(node.child, value));
      case "MultiSelectList":
        return value === null ? null : node.children.map((child) => this.visit(child, value));
      case "MultiSelectHash":
        return value === null ? null : this.#hash(node, value);
      default:
        return this.#project(node, value);
    }
  }

  /** Evaluates an expression that looks at each of several values; any other expression passes the value on. */
  #project(node: Expression, value: JsonValue): JsonValue {
    switch (node.type) {
      case "Flatten":
        return this.#flatten(this.visit(node.child, value));
      case "Projection":
        return this.#each(this.visit(node.left, value), node.right);
      case "ValueProjection": {
        const base = this.visit(node.left, value);
        return isJsonObject(base) ? this.#each([...base.values()], node.right) : null;
      }
      case "FilterProjection": {
        const base = this.visit(node.left, value);
        if (!isJsonArray(base)) return null;
        return this.#each(
          base.filter((item) => !isFalse(this.visit(node.condition, item))),
          node.right,
        );
      }
      case "ExpressionReference":
        throw new FormatError("a reference can only be given to a function");
      default:
        return value;
    }
  }

  #each(items: JsonValue, right: Expression): JsonValue {
    if (!isJsonArray(items)) return null;
    this.#meter.charge(items.length);
    return items.map((item) => this.visit(right, item)).filter((item) => item !== null);
  }

  #flatten(items: JsonValue): JsonValue {
    if (!isJsonArray(items)) return null;
    // Before it is made: a list of a few thousand times one list would fill the memory.
    this.#meter.charge(items.reduce<number>((sum, item) => sum + (isJsonArray(item) ? item.length : 1), 0));
    return items.flatMap((item) => (isJsonArray(item) ? item : [item]));
  }

  /** Made anew each time it is come to, so it costs as much as it holds. */
  #literal({ value }: Node<"Literal">): JsonValue {
    const literal = fromPlain(value);
    this.#meter.look(literal);
    return literal;
  }

  #either(node: Either, value: JsonValue): JsonValue {
    const left = this.visit(node.left, value);
    return isFalse(left) === (node.type === "OrExpression") ? this.visit(node.right, value) : left;
  }

  #hash({ children }: Node<"MultiSelectHash">, value: JsonValue): JsonObject {
    return new Map(children.map(({ name, value: child }) => [name, this.visit(child, value)]));
  }

  #compare({ name, left, right }: Node<"Comparator">, value: JsonValue): JsonValue {
    const a = this.visit(left, value);
    const b = this.visit(right, value);
    if (name === "EQ" || name === "NE") return isEqual(a, b, this.#meter) === (name === "EQ");
    if (!(a instanceof JsonNumber && b instanceof JsonNumber)) return null;
    const difference = Number(a.text) - Number(b.text);
    if (difference === 0) return name === "GTE" || name === "LTE";
    return difference > 0 === name.startsWith("GT");
  }

  #slice({ start, stop, step }: Node<"Slice">, items: readonly JsonValue[]): JsonValue {
    const by = step ?? 1;
    this.#meter.charge(items.length);
    const last = by > 0 ? items.length : items.length - 1;
    const first = by > 0 ? 0 : -1;
    const bound = (at: number) => Math.min(Math.max(at < 0 ? at + items.length : at, first), last);
    const from = start === null ? (by > 0 ? 0 : last) : bound(start);
    const to = stop === null ? (by > 0 ? items.length : -1) : bound(stop);
    const taken: JsonValue[] = [];
    for (let at = from; by > 0 ? at < to : at > to; at += by) taken.push(items[at] ?? null);
    return taken;
  }

  #call({ name, children }: Node<"Function">, value: JsonValue): JsonValue {
    const args = children.map((child) =>
      child.type === "ExpressionReference"
        ? (item: JsonValue) => this.visit(child.child, item)
        : this.visit(child, value),
    );
    const called = functions.get(name);
    if (called === undefined) throw new FormatError("a function that does not exist");
    checkArguments(name, called, args, this.#meter);
    const result = called.run(args, this.#meter);
    if (typeof result === "string") this.#meter.chargeText(result);
    this.#meter.charge(1);
    return result;
  }
}
