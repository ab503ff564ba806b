import type { DType, NodeId, Shape } from "@adjoint/graph";
import { at } from "../../kernels/prepare.js";
import type { FusedStep } from "./fusedProgram.js";
import { type MemberInput, OpenGroup } from "./openGroup.js";

/** Groups that may grow at one time. */
const openLimit = 12;

type Pending =
  | { readonly kind: "group"; readonly group: OpenGroup }
  | { readonly kind: "kernel"; readonly step: FusedStep };

/**
 * The groups that still grow, and the steps so far. A group is closed when something else must run
 * after it, so that no two groups wait for each other.
 */
export class OpenGroups {
  private readonly open: OpenGroup[] = [];
  private readonly groupOf = new Map<number, OpenGroup>();
  /** Arrays that are read from memory. */
  private readonly stored = new Set<number>();
  private readonly pending: Pending[] = [];

  constructor(private readonly dtypeOf: (root: number) => DType) {}

  /** Adds a step that runs by itself. */
  add(step: FusedStep): void {
    this.pending.push({ kind: "kernel", step });
  }

  /** An array is to be in memory. */
  keep(root: number): void {
    this.stored.add(root);
  }

  /** All steps, once nothing is to be added. */
  finish(): FusedStep[] {
    while (this.open.length > 0) this.close(at(this.open, 0));
    return this.pending.flatMap((one): FusedStep[] => {
      if (one.kind === "kernel") return [one.step];
      const { group, reads, writes } = one.group.finish((root) => this.stored.has(root));
      if (writes.length === 0) return [];
      return [{ kind: "group", nodes: one.group.nodes, group, reads, writes }];
    });
  }

  /** Finds a group for a member, or makes one. */
  join(
    ins: readonly MemberInput[],
    shape: Shape,
    node: NodeId,
    root: number,
    add: (group: OpenGroup) => boolean,
  ): void {
    const roots = ins.flatMap((input) => ("literal" in input ? [] : [input.root]));
    const sources = this.mergeSources(roots);
    const joined = this.candidates(sources, roots).find(
      (group) =>
        sources.every((other) => other === group || !this.isAfter(other, group)) && add(group),
    );
    const group = joined ?? this.newGroup(shape, add);
    for (const other of sources) if (other !== group) group.after.add(other);
    for (const of of roots) if (!group.has(of)) this.stored.add(of);
    group.nodes.push(node);
    this.groupOf.set(root, group);
  }

  /** The open groups that make the given arrays, as far as possible joined to one; latest first. */
  private mergeSources(roots: readonly number[]): OpenGroup[] {
    const found = new Set(roots.flatMap((of) => this.openGroupOf(of) ?? []));
    const sources = [...found].sort((a, b) => this.open.indexOf(b) - this.open.indexOf(a));
    const [latest, ...others] = sources;
    if (latest === undefined) return [];
    return [latest, ...others.filter((other) => !this.merge(latest, other))];
  }

  private merge(group: OpenGroup, other: OpenGroup): boolean {
    if (this.isAfter(group, other) || this.isAfter(other, group)) return false;
    if (!group.absorb(other)) return false;
    for (const root of other.writes) this.groupOf.set(root, group);
    for (const one of this.open) if (one.after.delete(other)) one.after.add(group);
    other.isOpen = false;
    this.open.splice(this.open.indexOf(other), 1);
    return true;
  }

  /** Groups that a member may join: those that make an argument, else those that read one too. */
  private candidates(sources: readonly OpenGroup[], roots: readonly number[]): OpenGroup[] {
    if (sources.length > 0) return [...sources];
    return this.open.filter((group) => roots.some((root) => group.loadsFrom(root))).reverse();
  }

  private newGroup(shape: Shape, add: (group: OpenGroup) => boolean): OpenGroup {
    const oldest = this.open[0];
    if (this.open.length >= openLimit && oldest !== undefined) this.close(oldest);
    const group = new OpenGroup(shape, (root) => this.dtypeOf(root));
    if (!add(group)) throw new Error("a group of its own fits every member");
    this.open.push(group);
    return group;
  }

  private openGroupOf(root: number): OpenGroup | undefined {
    const group = this.groupOf.get(root);
    return group?.isOpen ? group : undefined;
  }

  /** Whether `group` must run after `other`. */
  private isAfter(group: OpenGroup, other: OpenGroup): boolean {
    const open = [group];
    const seen = new Set(open);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next === other) return true;
      for (const before of next.after) {
        if (!before.isOpen || seen.has(before)) continue;
        seen.add(before);
        open.push(before);
      }
    }
    return false;
  }

  private close(group: OpenGroup): void {
    if (!group.isOpen) return;
    for (const before of group.after) this.close(before);
    group.isOpen = false;
    this.open.splice(this.open.indexOf(group), 1);
    this.pending.push({ kind: "group", group });
  }

  /** An array is read by something that runs by itself: what makes it must be closed. */
  require(root: number): void {
    this.stored.add(root);
    const group = this.openGroupOf(root);
    if (group !== undefined) this.close(group);
  }
}
