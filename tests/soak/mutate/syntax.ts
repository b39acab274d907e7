/** What the mutation operators ask of a syntax tree. */
import ts from "typescript";

/** A longer list of constants is a table: its numbers are data. */
const TABLE_LENGTH = 8;

/** Parses a file; every node knows its parent. */
export function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
}

/** The JavaScript of a file without comments, or `null` where its syntax is wrong. */
export function compile(text: string): string | null {
  const { outputText, diagnostics } = ts.transpileModule(text, {
    compilerOptions: {
      target: ts.ScriptTarget.ESNext,
      module: ts.ModuleKind.ESNext,
      removeComments: true,
    },
    reportDiagnostics: true,
  });
  return diagnostics?.length ? null : outputText;
}

/** The children of a node that run: no types, imports or exports of others. */
export function running(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  node.forEachChild((child) => {
    const erased = ts.isTypeNode(child) || ts.isInterfaceDeclaration(child) ||
      ts.isTypeAliasDeclaration(child) || ts.isImportDeclaration(child) ||
      ts.isExportDeclaration(child);
    if (!erased) children.push(child);
  });
  return children;
}

/** The functions, methods and classes that a node lies in, outermost first, such as `Outbox.add`. */
export function scopeOf(node: ts.Node): string {
  const names: string[] = [];
  for (const ancestor of ancestors(node)) {
    const named = ts.isFunctionLike(ancestor) || ts.isClassLike(ancestor) ||
      ts.isVariableDeclaration(ancestor) || ts.isPropertyDeclaration(ancestor);
    if (named && ancestor.name !== undefined) names.unshift(ancestor.name.getText());
    else if (ts.isConstructorDeclaration(ancestor)) names.unshift("constructor");
  }
  return names.join(".");
}

export function isInFunction(node: ts.Node): boolean {
  return ancestors(node).some(ts.isFunctionLike);
}

export function isInTable(node: ts.Node): boolean {
  return ancestors(node).some((ancestor) =>
    ts.isArrayLiteralExpression(ancestor) && ancestor.elements.length > TABLE_LENGTH
  );
}

/** Whether a statement, or the last one of a block, leaves what it stands in. */
export function leaves(statement: ts.Statement): boolean {
  const last = ts.isBlock(statement) ? statement.statements.at(-1) : statement;
  return last !== undefined && (ts.isReturnStatement(last) || ts.isThrowStatement(last) ||
    ts.isContinueStatement(last) || ts.isBreakStatement(last));
}

/** What a statement or an expression branches by; not an equality, which flipping its operator negates. */
export function conditionOf(node: ts.Node): ts.Expression | undefined {
  const condition = ts.isConditionalExpression(node)
    ? node.condition
    : ts.isIfStatement(node) || ts.isWhileStatement(node) || ts.isDoStatement(node)
    ? node.expression
    : undefined;
  const isEquality = condition !== undefined && ts.isBinaryExpression(condition) &&
    /^[!=]==$/.test(condition.operatorToken.getText());
  return isEquality ? undefined : condition;
}

/** The name that a call ends in: `random` of `this.#ports.random(16)`; empty where it has none. */
export function calleeOf(call: ts.CallExpression): string {
  const { expression } = call;
  if (ts.isIdentifier(expression)) return expression.text;
  return ts.isPropertyAccessExpression(expression) ? expression.name.text : "";
}

/** What an expression copies, if that is all that it does. */
export function copiedBy(node: ts.Node): ts.Expression | undefined {
  if (ts.isArrayLiteralExpression(node)) {
    const [only, ...others] = node.elements;
    return only !== undefined && ts.isSpreadElement(only) && others.length === 0
      ? only.expression
      : undefined;
  }
  if (!ts.isCallExpression(node)) return undefined;
  const [argument, ...others] = node.arguments;
  const name = calleeOf(node);
  if (name === "slice" && argument === undefined) {
    return (node.expression as ts.PropertyAccessExpression).expression;
  }
  const copies = name === "copyBytes" || name === "structuredClone" ||
    node.expression.getText() === "Uint8Array.from";
  return copies && others.length === 0 ? argument : undefined;
}

/** Every node of a file that runs, from the top. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of running(node)) yield* nodesOf(child);
}

/** The names of a file's functions that take a rest parameter. */
export function variadicIn(source: ts.SourceFile): string[] {
  return source.statements.filter(ts.isFunctionDeclaration)
    .filter(({ parameters }) => parameters.at(-1)?.dotDotDotToken !== undefined)
    .flatMap(({ name }) => name?.text ?? []);
}

function ancestors(node: ts.Node): ts.Node[] {
  return node.parent === undefined ? [] : [node.parent, ...ancestors(node.parent)];
}
