import ts from "typescript";
import { unwrap } from "./docComment.js";

/** One property of a function's options object. */
export interface OptionDoc {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  /** Source text of the default; empty where the option is required. */
  readonly byDefault: string;
  readonly meaning: string;
}

/** Functions whose last argument is an object of defaults. */
const readers = new Set([
  "readOptions",
  "readOptionalArray",
  "readBias",
  "readArguments",
  "readSettings",
]);
/** How many helpers deep options are looked for. */
const depthLimit = 3;

/** The type of the options object that a parameter may hold, on its own or in place of an array. */
export function optionsType(
  parameter: ts.ParameterDeclaration,
  checker: ts.TypeChecker,
): ts.Type | undefined {
  const type = checker.getTypeAtLocation(parameter);
  const element = parameter.dotDotDotToken && checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  const whole = element ?? type;
  return (whole.isUnion() ? whole.types : [whole]).find((one) => isOptions(one, checker));
}

function isOptions(type: ts.Type, checker: ts.TypeChecker): boolean {
  if ((type.flags & ts.TypeFlags.Object) === 0 && !type.isIntersection()) return false;
  if (checker.isArrayLikeType(type) || type.getCallSignatures().length > 0) return false;
  const properties = type.getProperties();
  const isArray = properties.some(({ name }) => name === "emitter" || name === "buffer");
  return properties.length > 0 && !isArray;
}

/** Names, types, defaults and meanings of the options that `fn` reads. */
export function optionDocs(
  type: ts.Type,
  fn: ts.Node,
  checker: ts.TypeChecker,
): readonly OptionDoc[] {
  const properties = type.getProperties();
  const names = properties.map(({ name }) => name);
  const defaults = findDefaults(fn, names, checker, depthLimit);
  return properties.map((property) => {
    const required = (property.flags & ts.SymbolFlags.Optional) === 0;
    return {
      name: property.name,
      type: typeText(property, checker),
      required,
      byDefault: required ? "" : (defaults?.get(property.name) ?? ""),
      meaning: unwrap(ts.displayPartsToString(property.getDocumentationComment(checker))),
    };
  });
}

/** A property's type as it is written; names of a few words are replaced by the words. */
function typeText(property: ts.Symbol, checker: ts.TypeChecker): string {
  const node = property.declarations?.find(ts.isPropertySignature)?.type;
  if (node === undefined) return "";
  const type = checker.getTypeFromTypeNode(node);
  if (node.getText() === "DType" || !type.isUnion()) return node.getText();
  const words = type.types.flatMap((one) => (one.isStringLiteral() ? [`"${one.value}"`] : []));
  return words.length === type.types.length ? words.join(" | ") : node.getText();
}

/** The object of defaults with these names that `node`, or a function that it calls, reads options by. */
function findDefaults(
  node: ts.Node,
  names: readonly string[],
  checker: ts.TypeChecker,
  depth: number,
): ReadonlyMap<string, string> | undefined {
  const callees: ts.Node[] = [];
  const visit = (one: ts.Node): ReadonlyMap<string, string> | undefined => {
    if (ts.isCallExpression(one)) {
      const last = one.arguments.at(-1);
      if (last && readers.has(one.expression.getText())) {
        const found = literalOf(last, checker);
        if (names.every((name) => found.has(name))) return found;
      }
      callees.push(...declarationsOf(one.expression, checker).filter(hasBody));
    }
    return ts.forEachChild(one, visit);
  };
  const here = visit(node);
  if (here || depth === 0) return here;
  for (const callee of callees) {
    const found = findDefaults(callee, names, checker, depth - 1);
    if (found) return found;
  }
  return undefined;
}

function hasBody(node: ts.Node): boolean {
  return ts.isFunctionDeclaration(node) && node.body !== undefined;
}

/** What a name stands for, behind imports. */
function declarationsOf(name: ts.Node, checker: ts.TypeChecker): readonly ts.Declaration[] {
  const symbol = checker.getSymbolAtLocation(name);
  if (symbol === undefined) return [];
  const isAlias = (symbol.flags & ts.SymbolFlags.Alias) !== 0;
  return (isAlias ? checker.getAliasedSymbol(symbol) : symbol).declarations ?? [];
}

/** The properties of an object literal as source text; names and spreads are followed. */
function literalOf(node: ts.Expression, checker: ts.TypeChecker): Map<string, string> {
  if (ts.isIdentifier(node)) {
    const [variable] = declarationsOf(node, checker);
    const known = variable && ts.isVariableDeclaration(variable) && variable.initializer;
    return known ? literalOf(known, checker) : new Map();
  }
  const texts = new Map<string, string>();
  if (!ts.isObjectLiteralExpression(node)) return texts;
  for (const property of node.properties) {
    if (ts.isSpreadAssignment(property)) {
      for (const [name, text] of literalOf(property.expression, checker)) texts.set(name, text);
    } else if (ts.isPropertyAssignment(property)) {
      texts.set(property.name.getText(), defaultText(property.initializer));
    }
  }
  return texts;
}

/** The text of a default; behind `given ??` where an argument may stand in for the option. */
function defaultText(node: ts.Expression): string {
  const isFallback =
    ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken;
  return isFallback ? node.right.getText() : node.getText();
}
