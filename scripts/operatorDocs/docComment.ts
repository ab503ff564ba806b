import ts from "typescript";

/** What a docstring says, by the tag that says it. */
export interface DocComment {
  /** Paragraphs and lists; empty where there is none. */
  readonly description: string;
  readonly params: ReadonlyMap<string, string>;
  readonly returns: string;
  readonly throws: readonly string[];
  readonly derivative: string;
  /** What happens at ties, zeros, NaN, infinities, empty axes. */
  readonly edges: readonly string[];
  /** Code, without the fence around it. */
  readonly example: string;
}

const fence = /^```ts\n([\s\S]*?)\n?```$/;

/** Joins the lines that were wrapped in the source; paragraphs and list items stay apart. */
export function unwrap(text: string): string {
  const paragraphs = text.trim().split(/\n\s*\n/);
  return paragraphs.map((one) => one.replace(/\s*\n\s*(?!- )/g, " ")).join("\n\n");
}

/** The docstring of a symbol. What it does not say is taken from `inherited`. */
export function docCommentOf(
  symbol: ts.Symbol,
  checker: ts.TypeChecker,
  inherited?: DocComment,
): DocComment {
  const params = new Map(inherited?.params ?? []);
  const texts = new Map<string, string[]>();
  for (const tag of symbol.getJsDocTags(checker)) {
    const text = ts.displayPartsToString(tag.text).trim();
    if (tag.name === "param") {
      const [, name = "", meaning = ""] = /^(\S+)\s+([\s\S]*)$/.exec(text) ?? [];
      params.set(name, unwrap(meaning));
    } else texts.set(tag.name, [...(texts.get(tag.name) ?? []), text]);
  }
  const one = (name: string) => unwrap(texts.get(name)?.join("\n") ?? "");
  const many = (name: string) => texts.get(name)?.map(unwrap);
  return {
    description: unwrap(ts.displayPartsToString(symbol.getDocumentationComment(checker))),
    params,
    returns: one("returns") || (inherited?.returns ?? ""),
    throws: many("throws") ?? inherited?.throws ?? [],
    derivative: one("derivative") || (inherited?.derivative ?? ""),
    edges: many("edges") ?? inherited?.edges ?? [],
    example: (texts.get("example") ?? []).map((text) => fence.exec(text)?.[1] ?? text).join("\n"),
  };
}
