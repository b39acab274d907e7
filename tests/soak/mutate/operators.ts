/** The mutation operators: each changes one piece of code in the way of one common mistake. */
import ts from "typescript";
import { calleeOf, conditionOf, copiedBy, isInFunction, isInTable, leaves } from "./syntax.ts";

/** A stretch of source text, and what stands there instead. */
export interface Edit {
  readonly start: number;
  readonly end: number;
  readonly to: string;
}

/**
 * One operator: the edits that it makes at one node.
 *
 * `variadic` holds the names of the project's functions with a rest parameter, such as those that hash and join fields.
 */
type Operator = (node: ts.Node, variadic: ReadonlySet<string>) => readonly Edit[];

const FLIPPED: Readonly<Partial<Record<ts.SyntaxKind, string>>> = {
  [ts.SyntaxKind.LessThanToken]: "<=",
  [ts.SyntaxKind.LessThanEqualsToken]: "<",
  [ts.SyntaxKind.GreaterThanToken]: ">=",
  [ts.SyntaxKind.GreaterThanEqualsToken]: ">",
  [ts.SyntaxKind.EqualsEqualsEqualsToken]: "!==",
  [ts.SyntaxKind.ExclamationEqualsEqualsToken]: "===",
  [ts.SyntaxKind.AmpersandAmpersandToken]: "||",
  [ts.SyntaxKind.BarBarToken]: "&&",
};

/** Every operator by its name. */
export const OPERATORS: Readonly<Record<string, Operator>> = {
  "delete guard": (node) =>
    ts.isIfStatement(node) && node.elseStatement === undefined && leaves(node.thenStatement)
      ? [replace(node, "{}")]
      : [],

  "negate condition": (node) => {
    const condition = conditionOf(node);
    return condition === undefined ? [] : [replace(condition, `!(${condition.getText()})`)];
  },

  "flip operator": (node) => {
    const to = ts.isBinaryExpression(node) ? FLIPPED[node.operatorToken.kind] : undefined;
    return to === undefined ? [] : [replace((node as ts.BinaryExpression).operatorToken, to)];
  },

  "drop operand": (node) =>
    ts.isBinaryExpression(node) && /^(&&|\|\|)$/.test(node.operatorToken.getText())
      ? [replace(node, node.left.getText()), replace(node, node.right.getText())]
      : [],

  "drop element": (node, variadic) => {
    if (ts.isArrayLiteralExpression(node) && isInFunction(node)) return dropEach(node.elements);
    return ts.isCallExpression(node) && variadic.has(calleeOf(node))
      ? dropEach(node.arguments)
      : [];
  },

  "drop override": (node) =>
    ts.isObjectLiteralExpression(node) && node.properties.some(ts.isSpreadAssignment)
      ? dropEach(node.properties)
      : [],

  "skip step": (node) =>
    ts.isExpressionStatement(node) && !node.getText().startsWith("super(")
      ? [replace(node, ";")]
      : [],

  "shift constant": (node) => {
    if (isInTable(node)) return [];
    if (ts.isNumericLiteral(node)) {
      return [1, -1].map((by) => replace(node, `(${Number(node.text) + by})`));
    }
    if (!ts.isBigIntLiteral(node)) return [];
    return [1n, -1n].map((by) => replace(node, `(${BigInt(node.text.slice(0, -1)) + by}n)`));
  },

  "change label": (node) => {
    const isText = ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node) ||
      ts.isTemplateHead(node);
    const start = node.getStart() + 1;
    return isText && node.text.startsWith("parley-1 ") ? [{ start, end: start, to: "un" }] : [];
  },

  "no randomness": (node) =>
    ts.isCallExpression(node) && calleeOf(node) === "random" && node.arguments.length === 1
      ? [replace(node, `new Uint8Array(${node.arguments[0]!.getText()})`)]
      : [],

  "no copy": (node) => {
    const original = copiedBy(node);
    return original === undefined ? [] : [replace(node, original.getText())];
  },
};

function replace(node: ts.Node, to: string): Edit {
  return { start: node.getStart(), end: node.getEnd(), to };
}

/** One edit for each item of a list: the list without it. */
function dropEach(items: ts.NodeArray<ts.Node>): Edit[] {
  return items.map((item, i) => {
    const next = items[i + 1];
    if (next !== undefined) return { start: item.getStart(), end: next.getStart(), to: "" };
    const start = items[i - 1]?.getEnd() ?? item.getStart();
    return { start, end: item.getEnd(), to: "" };
  });
}
