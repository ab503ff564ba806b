import ts from "typescript";
import { type DocComment, docCommentOf } from "./docComment.js";
import { type Family, familyOf } from "./families.js";
import { type OptionDoc, optionDocs, optionsType } from "./options.js";
import { publicModules } from "./program.js";
import { signatureText } from "./signature.js";

/** A function that users reach through `nd` or `autograd`. */
export interface PublicFunction {
  /** Path behind `nd.`, such as `sum` or `linalg.det`; with `autograd.` in front for those of `autograd`. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly family: Family;
  readonly signatures: readonly string[];
  /** Names of the parameters that are not options only. */
  readonly parameters: readonly string[];
  readonly options: readonly OptionDoc[];
  readonly docs: DocComment;
}

/** What users write to reach a function. */
export function pathOf(name: string): string {
  return name.startsWith("autograd.") ? name : `nd.${name}`;
}

/** MXNet's internal names for arithmetic with a number. */
const internalTable = "scalarFronts";

/**
 * Every function of `nd` and `autograd` that makes arrays or computes with them, by name; one of several names comes once. Functions
 * marked `@internal` are left out, and so are those of files that belong to no family.
 */
export function publicFunctions(): readonly PublicFunction[] {
  const { checker, nd, autograd } = publicModules();
  const names = new Map<ts.Symbol, string[]>();
  const collect = (symbol: ts.Symbol, prefix: string): void => {
    for (const [name, member] of membersOf(symbol, checker)) {
      if (name === internalTable) continue;
      if (isFunction(member, checker)) {
        names.set(member, [...(names.get(member) ?? []), prefix + name]);
      } else if (prefix === "") collect(member, `${name}.`);
    }
  };
  collect(nd, "");
  collect(autograd, "autograd.");
  return [...names]
    .flatMap(([symbol, found]) => describeFunction(symbol, found.sort(), checker))
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

/** What a module exports, or the properties of an object: names, and the symbols that they stand for. */
function membersOf(symbol: ts.Symbol, checker: ts.TypeChecker): readonly [string, ts.Symbol][] {
  if (symbol.flags & ts.SymbolFlags.ValueModule) {
    return checker.getExportsOfModule(symbol).map((one) => [one.name, resolve(one, checker)]);
  }
  if (!(symbol.flags & ts.SymbolFlags.Variable)) return [];
  const properties = checker.getTypeOfSymbol(symbol).getProperties();
  return properties.map((one) => {
    const { valueDeclaration: node } = one;
    const isShorthand = node !== undefined && ts.isShorthandPropertyAssignment(node);
    const value = isShorthand ? checker.getShorthandAssignmentValueSymbol(node) : one;
    return [one.name, resolve(value ?? one, checker)];
  });
}

function resolve(symbol: ts.Symbol, checker: ts.TypeChecker): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

function isFunction(symbol: ts.Symbol, checker: ts.TypeChecker): boolean {
  const isValue = (symbol.flags & (ts.SymbolFlags.Function | ts.SymbolFlags.Variable)) !== 0;
  return isValue && checker.getTypeOfSymbol(symbol).getCallSignatures().length > 0;
}

function describeFunction(
  symbol: ts.Symbol,
  names: readonly string[],
  checker: ts.TypeChecker,
): readonly PublicFunction[] {
  if (symbol.getJsDocTags(checker).some((tag) => tag.name === "internal")) return [];
  const fn = symbol.declarations?.find((one) => !ts.isFunctionDeclaration(one) || one.body);
  const name = preferredName(names, symbol.name);
  if (fn === undefined || name === undefined) return [];
  const file = fn.getSourceFile().fileName.replace(/^.*\/packages\//, "");
  const family = familyOf(file, name);
  if (family === undefined) return [];
  const type = checker.getTypeOfSymbol(symbol);
  const signatures = type.getCallSignatures().map((one) => one.getDeclaration());
  const inherited = type.aliasSymbol && docCommentOf(type.aliasSymbol, checker);
  const docs = docCommentOf(symbol, checker, inherited);
  const { parameters, options } = parametersOf(signatures, fn, checker);
  return [
    {
      name,
      aliases: names.filter((one) => one !== name),
      family,
      signatures: signatures.map((one) => signatureText(pathOf(name), one, checker)),
      parameters,
      options: options.map((one) => ({
        ...one,
        meaning: one.meaning || sentence(docs.params.get(`options.${one.name}`) ?? ""),
      })),
      docs,
    },
  ];
}

/** The name that the function was declared by, samplers under `random`; else a lower-case one. */
function preferredName(names: readonly string[], declared: string): string | undefined {
  const own = names.filter((one) => one.split(".").at(-1) === declared);
  const sampler = own.find((one) => one.startsWith("random."));
  const lower = names.find((one) => one === one[0]?.toLowerCase() + one.slice(1));
  return sampler ?? own[0] ?? lower ?? names[0];
}

function sentence(text: string): string {
  return text === "" ? "" : `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** Parameters and options over all overloads; the last overload is the one that leaves most open. */
function parametersOf(
  signatures: readonly (ts.SignatureDeclaration | ts.JSDocSignature)[],
  fn: ts.Node,
  checker: ts.TypeChecker,
): Pick<PublicFunction, "parameters" | "options"> {
  const parameters = new Set<string>();
  let options: readonly OptionDoc[] = [];
  for (const parameter of signatures.flatMap((one) => [...one.parameters])) {
    if (!ts.isParameter(parameter)) continue;
    const type = optionsType(parameter, checker);
    if (type) options = optionDocs(type, fn, checker);
    const name = parameter.name.getText();
    if (type === undefined || name !== "options") parameters.add(name);
  }
  return { parameters: [...parameters], options };
}
