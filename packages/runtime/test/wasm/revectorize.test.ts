import { Builder } from "@adjoint/graph";
import { registry } from "@adjoint/ops";
import { Runtime } from "../../src/index.js";

const graph = (() => {
  const builder = new Builder("copy");
  builder.output("y", builder.input("x", { dtype: "float32", shape: [2] }));
  return builder.finish();
})();

test("the revectorizer is asked for before anything is compiled, and says what came of it", () => {
  const runtime = new Runtime({ mode: "compiled" });
  const uses = runtime.revectorize();
  const [major = 0] = process.versions.node.split(".").map(Number);
  if (major < 24) expect(uses).toBe(false);
  runtime.plan(graph, registry);
  expect(runtime.revectorize()).toBe(uses);
});

test("afterwards it is refused", () => {
  const runtime = new Runtime({ mode: "compiled" });
  runtime.plan(graph, registry);
  expect(() => runtime.revectorize()).toThrow("revectorize: programs run without it already");
});
