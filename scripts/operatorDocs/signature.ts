import ts from "typescript";

/** A signature as readers of `nd` need it: operands are arrays, and local names of types are spelled out. */
export function signatureText(
  path: string,
  node: ts.SignatureDeclaration | ts.JSDocSignature,
  checker: ts.TypeChecker,
): string {
  const parameters = node.parameters.map((one) => parameterText(one, checker));
  const result = node.type?.getText() ?? "void";
  const text = `${path}(${parameters.join(", ")}): ${result}`.replace(/\bT\b/g, "NDArray");
  return spellOut(text, node.getSourceFile()).replace(/\s+/g, " ");
}

function parameterText(
  node: ts.ParameterDeclaration | ts.JSDocParameterTag,
  checker: ts.TypeChecker,
): string {
  if (!ts.isParameter(node) || node.type !== undefined) return node.getText();
  // A parameter with a default: the type follows from it.
  return `${node.name.getText()}?: ${checker.typeToString(checker.getTypeAtLocation(node))}`;
}

/** Replaces types that the source file keeps to itself by what they stand for. */
function spellOut(text: string, source: ts.SourceFile): string {
  let spelled = text;
  for (const statement of source.statements) {
    if (!ts.isTypeAliasDeclaration(statement) || isExported(statement)) continue;
    const use = new RegExp(`\\b${statement.name.text}\\b(?:<([^<>]*)>)?`, "g");
    const parameters = statement.typeParameters?.map((one) => one.name.text) ?? [];
    spelled = spelled.replace(use, (_, given: string | undefined) => {
      const args = given?.split(", ") ?? [];
      return parameters.reduce(
        (body, parameter, at) =>
          body.replaceAll(new RegExp(`\\b${parameter}\\b`, "g"), args[at] ?? ""),
        statement.type.getText(),
      );
    });
  }
  return spelled;
}

function isExported(node: ts.TypeAliasDeclaration): boolean {
  return node.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) === true;
}
