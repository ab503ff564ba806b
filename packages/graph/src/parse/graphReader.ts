import type { AttrValue, Graph, InputRole, NodeId, Ref } from "../graph.js";
import { readNumber } from "../print/constantText.js";
import { readContent, readTableLine } from "./constantReader.js";
import type { Scanner } from "./scanner.js";
import type {
  GraphSyntax,
  InputSyntax,
  OperandSyntax,
  OutputSyntax,
  RowSyntax,
  TableSyntax,
} from "./syntax.js";
import { readDType, readList, readType } from "./typeReader.js";

/** How deep lists and graphs in attributes may nest. */
const maxDepth = 100;

const writtenRoles: readonly InputRole[] = ["const", "head", "saved"];

/** Reads graphs by recursive descent; `resolve` makes a graph of what its text has. */
export class GraphReader {
  constructor(
    private readonly scanner: Scanner,
    private readonly resolve: (syntax: GraphSyntax) => Graph,
  ) {}

  /** `graph name(inputs) -> (outputs) next %7 { rows }`. */
  graph(): Graph {
    const { at } = this.scanner;
    if (!this.scanner.acceptWord("graph")) this.scanner.unexpected('"graph"');
    return this.graphAfterKeyword(at, 0);
  }

  private graphAfterKeyword(at: number, depth: number): Graph {
    const { scanner } = this;
    const name = scanner.name("the name of the graph");
    scanner.expect("(");
    const inputs: InputSyntax[] = [];
    while (!scanner.accept(")")) inputs.push(this.input(inputs.length));
    scanner.expect("->");
    scanner.expect("(");
    const outputs = readList(scanner, ")", () => this.output());
    const next = scanner.acceptWord("next") ? this.id() : undefined;
    scanner.expect("{");
    const rows: RowSyntax[] = [];
    const table: TableSyntax[] = [];
    while (!scanner.accept("}")) {
      if (scanner.isNext("#")) table.push(readTableLine(scanner));
      else rows.push(this.row(depth));
    }
    return this.resolve({ at, name, inputs, outputs, rows, table, next });
  }

  /** `head %dy#4: float32[1] of %3,  // model.ts:2`. */
  private input(position: number): InputSyntax {
    const { scanner } = this;
    const role = writtenRoles.find((one) => scanner.acceptWord(one)) ?? "arg";
    const { at } = scanner;
    scanner.expect("%", 'an input, as %x: float32[2,3], or ")"');
    const name = scanner.name("the name of an input");
    const id = scanner.accept("#") ? scanner.count("the id of the input") : position;
    scanner.expect(":");
    const type = readType(scanner);
    const of = scanner.acceptWord("of") ? this.ref() : undefined;
    const content = scanner.accept("=") ? readContent(scanner, type) : undefined;
    const isFollowed = scanner.acceptCommaHere();
    const site = scanner.acceptSite();
    if (!isFollowed && !scanner.accept(",") && !scanner.isNext(")")) {
      scanner.unexpected('"," or ")"');
    }
    return { at, id, name, role, type, of, content, site };
  }

  /** `y: %4`. */
  private output(): OutputSyntax {
    const { at } = this.scanner;
    const name = this.scanner.name('the name of an output, or ")"');
    this.scanner.expect(":");
    return { at, name, operand: this.operand() };
  }

  /** `%4 = sort(%x) {axis=0} : float32[3], int32[3] @mlp ~%2  // model.ts:2`. */
  private row(depth: number): RowSyntax {
    const { scanner } = this;
    const { at } = scanner;
    const id = this.id('a row, as %4 = neg(%3) : float32[2], or "}"');
    scanner.expect("=");
    const op = scanner.name("the name of an operator");
    scanner.expect("(");
    const operands = readList(scanner, ")", () => this.operand());
    const attrs = scanner.accept("{") ? this.attrs(depth) : {};
    scanner.expect(":");
    const types = [readType(scanner)];
    while (scanner.accept(",")) types.push(readType(scanner));
    const scope = scanner.accept("@") ? scanner.name("a scope") : undefined;
    const origin = scanner.accept("~") ? this.id() : undefined;
    return { at, id, op, operands, attrs, types, scope, origin, site: scanner.acceptSite() };
  }

  /** `%4`. */
  private id(allowed = "an id, as %4"): NodeId {
    this.scanner.expect("%", allowed);
    return this.scanner.count("an id");
  }

  /** `%4`, `%4.1`. */
  private ref(): Ref {
    return { node: this.id(), out: this.result() };
  }

  /** `.1`; the first result where nothing is said. */
  private result(): number {
    return this.scanner.accept(".") ? this.scanner.count("the number of a result") : 0;
  }

  /** `%x`, `%4.1`, `2:int32`. */
  private operand(): OperandSyntax {
    const { scanner } = this;
    const { at } = scanner;
    if (scanner.accept("%")) {
      const name = scanner.acceptName();
      if (name !== undefined) return { kind: "name", at, name };
      const node = scanner.count("the name or id of a row");
      return { kind: "row", at, ref: { node, out: this.result() } };
    }
    const text = scanner.acceptNumber();
    if (text === undefined) return scanner.unexpected("an operand, as %x, %4, 2.5 or inf");
    const dtype = scanner.accept(":") ? readDType(scanner) : undefined;
    return { kind: "number", at, value: readNumber(text), dtype };
  }

  /** `axis=0, mode="clip"}`. */
  private attrs(depth: number): { readonly [name: string]: AttrValue } {
    const { scanner } = this;
    const names = new Set<string>();
    const entries = readList(scanner, "}", (): [string, AttrValue] => {
      const { at } = scanner;
      const name = scanner.name('the name of an attribute, or "}"');
      // Also keeps `__proto__` out.
      if (!/^[A-Za-z]\w*$/.test(name) || names.has(name)) {
        const problem = names.has(name) ? "attribute is given twice" : "not a name of an attribute";
        return scanner.fail(at, { problem, received: JSON.stringify(name) });
      }
      names.add(name);
      scanner.expect("=");
      return [name, this.attr(depth + 1)];
    });
    return Object.fromEntries(entries);
  }

  private attr(depth: number): AttrValue {
    const { scanner } = this;
    const { at } = scanner;
    if (depth > maxDepth) {
      return scanner.fail(at, {
        problem: "nested too deep",
        allowed: `at most ${maxDepth} levels`,
      });
    }
    const text = scanner.acceptNumber();
    if (text !== undefined) return readNumber(text);
    if (scanner.accept("[")) return readList(scanner, "]", () => this.attr(depth + 1));
    if (scanner.acceptWord("true")) return true;
    if (scanner.acceptWord("false")) return false;
    if (scanner.acceptWord("null")) return null;
    const string = scanner.acceptString();
    if (string !== undefined) return string;
    if (scanner.acceptWord("graph")) return this.graphAfterKeyword(at, depth + 1);
    return scanner.unexpected('a number, a string in quotes, true, false, null, "[" or "graph"');
  }
}
