import { type AttrValue, type Input, type Node, sameRef } from "@adjoint/graph";
import { PathNode } from "./path.js";
import type { Program } from "./program.js";
import { sameOutcome } from "./reads.js";
import type { Sources } from "./source.js";

/** The paths that a function takes for one kind of arguments. They fork at what it reads. */
export class PathTree {
  root: PathNode | undefined;

  constructor(private readonly sources: Sources) {}

  /**
   * Adds the path of a program.
   *
   * @returns false if the program differs from a known one before the two could know: nothing was added
   */
  add(program: Program): boolean {
    if (this.root !== undefined && !this.agrees(program)) return false;
    this.root ??= new PathNode(undefined, undefined, program, this.sources);
    let node = this.root;
    for (const guard of program.guards) {
      if (node.fork === undefined) node.endWithGuard(guard);
      node = node.branch(guard.outcome) ?? node.addBranch(guard.outcome, program);
    }
    if (node.finish === undefined) node.endWithResult(program);
    return true;
  }

  /** Whether the program does what is known up to the read where it leaves the known paths. */
  private agrees(program: Program): boolean {
    let node = this.root;
    for (let at = 0; node !== undefined; at++) {
      const guard = program.guards[at];
      const { fork, finish } = node;
      if (guard === undefined) return finish !== undefined && sameWhole(node.program, program);
      if (fork === undefined) return false;
      const { kind, ref, rows } = fork.guard;
      if (kind !== guard.kind || !sameRef(ref, guard.ref) || rows !== guard.rows) return false;
      if (!sameRows(node.program, program, rows, ref.node)) return false;
      node = fork.branches.find(
        ({ outcome }) => outcome !== undefined && sameOutcome(outcome, guard.outcome),
      );
    }
    return true;
  }

  /** Plans what of a path is not planned. */
  prepare({ guards }: Program, counter: { plans: number }): void {
    let node = this.root;
    for (let at = 0; node !== undefined; at++) {
      node.planned(counter);
      const outcome = guards[at]?.outcome;
      node = outcome === undefined ? undefined : node.branch(outcome);
    }
  }

  /** All ends of paths. */
  get ends(): readonly PathNode[] {
    const found: PathNode[] = [];
    const waiting = this.root === undefined ? [] : [this.root];
    for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
      if (node.finish !== undefined) found.push(node);
      waiting.push(...(node.fork?.branches ?? []));
    }
    return found;
  }
}

function sameWhole(one: Program, other: Program): boolean {
  const count = one.tape.rows.length;
  return count === other.tape.rows.length && sameRows(one, other, count, Infinity);
}

/** Whether two programs begin with the same `count` nodes, and the same inputs up to the row `last`. */
function sameRows(one: Program, other: Program, count: number, last: number): boolean {
  const [rows, others] = [one.tape.rows, other.tape.rows];
  if (others.length < count || rows.length < count) return false;
  for (let at = 0; at < count; at++) if (!sameNode(rows[at], others[at])) return false;
  return sameInputs(one, other, Math.max(last, rows[count - 1]?.id ?? -1));
}

function sameInputs(one: Program, other: Program, last: number): boolean {
  const before = ({ tape }: Program) => tape.inputRows.filter(({ id }) => id <= last);
  const [inputs, others] = [before(one), before(other)];
  const sourceOf = ({ inputs: all }: Program, { id }: Input) =>
    all.find(({ value }) => value.id === id)?.source;
  return (
    inputs.length === others.length &&
    inputs.every((input, at) => {
      const twin = others[at];
      if (twin === undefined || twin.id !== input.id) return false;
      return twin.constant === input.constant && sourceOf(one, input) === sourceOf(other, twin);
    })
  );
}

function sameNode(a: Node | undefined, b: Node | undefined): boolean {
  if (a === undefined || b === undefined) return false;
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
