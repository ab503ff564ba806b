/** A plan that stands at a step of the trace tree, in the list there. */
export class KeptPlan {
  /** Whether it was found since the ring last passed it. */
  used = true;

  constructor(private readonly list: KeptPlan[]) {
    list.push(this);
  }

  /** Takes it off its step. */
  drop(): void {
    const at = this.list.indexOf(this);
    if (at >= 0) this.list.splice(at, 1);
  }
}

/**
 * Bounds how many plans the trace tree keeps. A hand goes round: a plan that was used since it last came by stays for
 * another round, the first that was not makes room. So a use costs no more than setting a flag.
 */
export class PlanRing {
  private readonly plans: KeptPlan[] = [];
  private hand = 0;

  constructor(readonly limit: number) {}

  get size(): number {
    return this.plans.length;
  }

  add(plan: KeptPlan): void {
    if (this.plans.length < this.limit) {
      this.plans.push(plan);
      return;
    }
    for (let next = this.plans[this.hand]; next?.used === true; next = this.plans[this.hand]) {
      next.used = false;
      this.hand = (this.hand + 1) % this.limit;
    }
    this.plans[this.hand]?.drop();
    this.plans[this.hand] = plan;
    this.hand = (this.hand + 1) % this.limit;
  }

  /** Forgets all plans, as the tree that they stand on goes. */
  clear(): void {
    for (const plan of this.plans) plan.drop();
    this.plans.length = 0;
    this.hand = 0;
  }
}
