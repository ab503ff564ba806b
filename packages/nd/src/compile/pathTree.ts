import { type AttrValue, type Input, type Node, type NodeId, sameRef } from "@adjoint/graph";
import { areLiterals } from "./literals.js";
import { PathNode } from "./path.js";
import type { Planner } from "./planProgram.js";
import type { Program } from "./program.js";
import { type Outcome, sameOutcome } from "./reads.js";
import type { Sources } from "./source.js";

/** The paths that a function takes for one kind of arguments. They fork at what it reads. */
export class PathTree {
  root: PathNode | undefined;
  /** Stretches that were added so far. */
  size = 0;

  /** `numbers`: whether arguments' numbers vary, so that numbers on the tape may differ. */
  constructor(
    private readonly sources: Sources,
    private readonly numbers: boolean,
  ) {}

  /**
   * Adds the path of a program.
   *
   * @returns false if the program differs from a known one before the two could know: nothing was added
   */
  add(program: Program): boolean {
    const differing: Differing[] = [];
    if (this.root !== undefined && !this.agrees(program, differing)) return false;
    for (const { node, id } of differing) node.addLiteral(id);
    if (this.root === undefined) {
      this.root = new PathNode(undefined, undefined, program, this.sources);
      this.size++;
    }
    let node = this.root;
    for (const guard of program.guards) {
      if (node.fork === undefined) node.endWithGuard(guard);
      node = node.branch(guard.outcome) ?? this.grow(node, guard.outcome, program);
    }
    if (node.finish === undefined) node.endWithResult(program);
    return true;
  }

  private grow(node: PathNode, outcome: Outcome, program: Program): PathNode {
    this.size++;
    return node.addBranch(outcome, program);
  }

  /** Keeps the values that numbers have on a program's path. */
  bind(binding: number, program: Program): void {
    for (const node of this.nodesOf(program)) node.bind(binding, program);
  }

  /** Forgets the values of a binding. */
  unbind(binding: number): void {
    for (const { values } of this.nodes) values.delete(binding);
  }

  /** Whether the program does what is known up to the read where it leaves the known paths. */
  private agrees(program: Program, differing: Differing[]): boolean {
    let node = this.root;
    let from = 0;
    for (let at = 0; node !== undefined; at++) {
      const guard = program.guards[at];
      const { fork, finish } = node;
      if (guard === undefined) {
        return finish !== undefined && this.sameWhole(node, program, from, differing);
      }
      if (fork === undefined) return false;
      const { kind, ref, rows } = fork.guard;
      if (kind !== guard.kind || !sameRef(ref, guard.ref) || rows !== guard.rows) return false;
      if (!this.sameRows(node, program, [from, rows], differing)) return false;
      if (!sameInputs(node.program, program, Math.max(ref.node, lastId(program, rows))))
        return false;
      from = rows;
      node = fork.branches.find(
        ({ outcome }) => outcome !== undefined && sameOutcome(outcome, guard.outcome),
      );
    }
    return true;
  }

  private sameWhole(
    node: PathNode,
    program: Program,
    from: number,
    differing: Differing[],
  ): boolean {
    const count = node.program.tape.rows.length;
    if (count !== program.tape.rows.length) return false;
    if (!this.sameRows(node, program, [from, count], differing)) return false;
    return sameInputs(node.program, program, Infinity);
  }

  /** Whether two programs have the same nodes in a range; numbers that differ are collected. */
  private sameRows(
    node: PathNode,
    { tape }: Program,
    [from, to]: readonly [number, number],
    differing: Differing[],
  ): boolean {
    const { rows } = node.program.tape;
    if (tape.rows.length < to) return false;
    for (let at = from; at < to; at++) {
      const [one, other] = [rows[at], tape.rows[at]];
      if (one === undefined || other === undefined) return false;
      if (sameNode(one, other)) continue;
      if (!this.numbers || one.id !== other.id || !areLiterals(one, other)) return false;
      differing.push({ node, id: one.id });
    }
    return true;
  }

  /** Plans what of a path is not planned. */
  prepare(program: Program, planner: Planner): void {
    for (const node of this.nodesOf(program)) node.planned(planner);
  }

  /** All ends of paths. */
  get ends(): readonly PathNode[] {
    return this.nodes.filter(({ finish }) => finish !== undefined);
  }

  /** All stretches, the root first. */
  get nodes(): readonly PathNode[] {
    const found: PathNode[] = [];
    const waiting = this.root === undefined ? [] : [this.root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      found.push(node);
      waiting.push(...(node.fork?.branches ?? []));
    }
    return found;
  }

  /** The nodes of a program's path. */
  private nodesOf({ guards }: Program): readonly PathNode[] {
    const found: PathNode[] = [];
    let node = this.root;
    for (let at = 0; node !== undefined; at++) {
      found.push(node);
      const outcome = guards[at]?.outcome;
      node = outcome === undefined ? undefined : node.branch(outcome);
    }
    return found;
  }
}

/** A number that differs between programs, and where it was written down. */
interface Differing {
  readonly node: PathNode;
  readonly id: NodeId;
}

function lastId({ tape }: Program, rows: number): number {
  return tape.rows[rows - 1]?.id ?? -1;
}

/** Whether two programs have the same inputs up to the row `last`. */
function sameInputs(one: Program, other: Program, last: number): boolean {
  const before = ({ tape }: Program) => tape.inputRows.filter(({ id }) => id <= last);
  const [inputs, others] = [before(one), before(other)];
  const sourceOf = ({ sources }: Program, { id }: Input) => sources.get(id);
  return (
    inputs.length === others.length &&
    inputs.every((input, at) => {
      const twin = others[at];
      if (twin === undefined || twin.id !== input.id) return false;
      return twin.constant === input.constant && sourceOf(one, input) === sourceOf(other, twin);
    })
  );
}

function sameNode(a: Node, b: Node): boolean {
  return (
    a.op === b.op &&
    a.id === b.id &&
    a.inputs.length === b.inputs.length &&
    a.inputs.every((ref, at) => sameRef(ref, b.inputs[at] ?? { node: -1, out: 0 })) &&
    sameAttrs(a.attrs, b.attrs)
  );
}

function sameAttrs(a: Node["attrs"], b: Node["attrs"]): boolean {
  const names = Object.keys(a);
  return (
    names.length === Object.keys(b).length &&
    names.every((name) => {
      const [left, right] = [a[name], b[name]];
      return left !== undefined && right !== undefined && sameAttr(left, right);
    })
  );
}

/** NaN equals NaN, 0 differs from -0; graphs are equal when they are one object. */
function sameAttr(a: AttrValue, b: AttrValue): boolean {
  if (Object.is(a, b)) return true;
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  return a.every((value, at) => sameAttr(value, b[at]));
}
