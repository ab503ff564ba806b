import { RefTable } from "@adjoint/graph";

describe("RefTable", () => {
  test("keeps results of one row apart, and far ids as well as near ones", () => {
    const table = new RefTable<string>();
    table.set({ node: 0, out: 0 }, "first");
    table.set({ node: 0, out: 1 }, "second");
    table.set({ node: Number.MAX_SAFE_INTEGER - 1, out: 0 }, "far");
    expect(table.get({ node: 0, out: 0 })).toBe("first");
    expect(table.get({ node: 0, out: 1 })).toBe("second");
    expect(table.get({ node: Number.MAX_SAFE_INTEGER - 1, out: 0 })).toBe("far");
    expect(table.get({ node: 1, out: 0 })).toBeUndefined();
    table.delete({ node: 0, out: 0 });
    table.delete({ node: 0, out: 1 });
    expect(table.has({ node: 0, out: 0 })).toBe(false);
    expect(table.has({ node: 0, out: 1 })).toBe(false);
  });
});
