/** Which tests are to notice a mutant: those that reach its file, by the texts of the project. */
import { dirname, join, normalize } from "node:path/posix";
import ts from "typescript";
import { nodesOf, parse } from "./syntax.ts";

/** Most test files that one mutant is tried with: what none of the nearest holds, none is there to hold. */
const MOST_TESTS = 16;

/** The tests that reach a file of lib/, the nearest first. */
export class TestSelection {
  readonly #distances: ReadonlyMap<string, ReadonlyMap<string, number>>;

  constructor(graph: ImportGraph) {
    const tests = [...graph.keys()].filter((path) => path.endsWith("_test.ts")).sort();
    this.#distances = new Map(tests.map((test) => [test, distancesFrom(test, graph)]));
  }

  /** The test files for a mutant of `file`, at most {@link MOST_TESTS}. */
  testsFor(file: string): string[] {
    const near: { test: string; distance: number }[] = [];
    for (const [test, distances] of this.#distances) {
      const distance = distances.get(file);
      if (distance !== undefined) near.push({ test, distance: distance - kinship(file, test) });
    }
    near.sort((a, b) => a.distance - b.distance);
    return near.slice(0, MOST_TESTS).map(({ test }) => test);
  }
}

/** Whether a test is named like the file (2), lies where its folder's tests do (1), or neither (0). */
function kinship(file: string, test: string): 0 | 1 | 2 {
  const own = file.replace(/^lib\//, "tests/").replace(/\.ts$/, "");
  if (test.startsWith(`${own}_`)) return 2;
  return test.startsWith(own.slice(0, own.lastIndexOf("/") + 1)) && own.split("/").length > 2
    ? 1
    : 0;
}

/** What a file brings in: each path, and how far away that is. */
type ImportGraph = ReadonlyMap<string, ReadonlyMap<string, number>>;

/** A program that a test starts is further away than what it imports: starting it takes long. */
const PROGRAM_DISTANCE = 4;

/**
 * The import graph of a project.
 *
 * A file outside lib/ that names a program in a string, or that reads deno.json and so may run its tasks, brings
 * those programs in, too.
 *
 * @param texts the text of each TypeScript file and of deno.json, by path
 */
export function importGraph(texts: ReadonlyMap<string, string>): ImportGraph {
  const programs = programsIn(texts.get("deno.json") ?? "").filter((path) => texts.has(path));
  const graph = new Map<string, Map<string, number>>();
  for (const [path, text] of texts) {
    const edges = new Map<string, number>();
    const add = (target: string, distance: number) => {
      if (texts.has(target) && !edges.has(target)) edges.set(target, distance);
    };
    const { imported, named } = readFile(path, text);
    for (const specifier of imported) add(resolve(path, specifier), 1);
    if (!path.startsWith("lib/")) {
      for (const name of edges.has("deno.json") ? [...named, ...programs] : named) {
        add(resolve(path, name), PROGRAM_DISTANCE);
        add(normalize(name), PROGRAM_DISTANCE);
      }
    }
    graph.set(path, edges);
  }
  return graph;
}

/** The shortest distance from a file to each that it reaches. */
function distancesFrom(path: string, graph: ImportGraph): Map<string, number> {
  const distances = new Map([[path, 0]]);
  // A map goes on to what is added while it is walked, and a path that got nearer is added again.
  for (const [from, distance] of distances) {
    for (const [to, step] of graph.get(from) ?? []) {
      if (distance + step >= (distances.get(to) ?? Infinity)) continue;
      distances.delete(to);
      distances.set(to, distance + step);
    }
  }
  return distances;
}

/** The programs that the tasks of deno.json run, or that a string names. */
function programsIn(text: string): string[] {
  return Array.from(text.matchAll(/[\w./]+\.ts\b/g), ([path]) => path);
}

/** The files that a file imports when it runs, so no types, and those that its strings name. */
function readFile(path: string, text: string): { imported: string[]; named: string[] } {
  if (!path.endsWith(".ts")) return { imported: [], named: [] };
  const source = parse(path, text);
  const imported: (ts.Node | undefined)[] = [];
  for (const statement of source.statements) {
    const isImport = ts.isImportDeclaration(statement) && !statement.importClause?.isTypeOnly ||
      ts.isExportDeclaration(statement) && !statement.isTypeOnly;
    if (isImport) imported.push(statement.moduleSpecifier);
  }
  const named: string[] = [];
  for (const node of nodesOf(source)) {
    if (ts.isStringLiteralLike(node)) named.push(...programsIn(node.text));
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      imported.push(...node.arguments);
    }
  }
  const specifiers = imported.flatMap((node) =>
    node !== undefined && ts.isStringLiteral(node) ? node.text : []
  );
  return { imported: specifiers.filter((specifier) => specifier.startsWith(".")), named };
}

function resolve(from: string, specifier: string): string {
  return join(dirname(from), specifier);
}
