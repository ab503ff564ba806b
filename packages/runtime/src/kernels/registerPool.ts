/** Hands out register numbers, those given back first. */
export class RegisterPool {
  /** Registers in use at the same time, at most. */
  count = 0;
  private readonly free: number[] = [];

  take(): number {
    return this.free.pop() ?? this.count++;
  }

  /** A register that nothing else ever uses. */
  reserve(): number {
    return this.count++;
  }

  giveBack(register: number): void {
    this.free.push(register);
  }
}
