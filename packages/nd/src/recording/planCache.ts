/** What the trace tree keeps per path, bounded: the plan that was not used for the longest time goes first. */
export class PlanCache<P> {
  private readonly entries = new Map<string, P>();
  private readonly names = new WeakMap<object, number>();
  private named = 0;

  constructor(readonly limit: number) {}

  get size(): number {
    return this.entries.size;
  }

  /** A key made of objects by identity and of texts. */
  key(...parts: readonly (object | string)[]): string {
    return parts.map((part) => (typeof part === "string" ? part : this.nameOf(part))).join("|");
  }

  get(key: string): P | undefined {
    const plan = this.entries.get(key);
    if (plan === undefined) return undefined;
    this.entries.delete(key);
    this.entries.set(key, plan);
    return plan;
  }

  set(key: string, plan: P): void {
    this.entries.set(key, plan);
    if (this.entries.size <= this.limit) return;
    const [oldest] = this.entries.keys();
    if (oldest !== undefined) this.entries.delete(oldest);
  }

  private nameOf(part: object): number {
    const known = this.names.get(part);
    if (known !== undefined) return known;
    this.named++;
    this.names.set(part, this.named);
    return this.named;
  }
}
