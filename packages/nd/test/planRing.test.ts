import { KeptPlan, PlanRing } from "../src/recording/planRing.js";

describe("the bound on kept plans", () => {
  test("a plan that was not used since makes room; one that was stays", () => {
    const ring = new PlanRing(3);
    const list: KeptPlan[] = [];
    const add = () => {
      const plan = new KeptPlan(list);
      ring.add(plan);
      return plan;
    };
    const [a, b, c] = [add(), add(), add()];
    const d = add();
    expect(list).toEqual([b, c, d]);
    b.used = true;
    const e = add();
    expect(list).toEqual([b, d, e]);
    expect(ring.size).toBe(3);
    a.drop();
    expect(list).toEqual([b, d, e]);
  });

  test("all can be forgotten", () => {
    const ring = new PlanRing(2);
    const list: KeptPlan[] = [];
    for (let time = 0; time < 5; time++) ring.add(new KeptPlan(list));
    ring.clear();
    expect([list, ring.size]).toEqual([[], 0]);
    ring.add(new KeptPlan(list));
    expect([list.length, ring.size]).toEqual([1, 1]);
  });
});
