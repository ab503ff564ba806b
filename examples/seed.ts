/**
 * MXNet's introduction to autograd, in TypeScript. Prints the code and the result of each step, and writes the graphs of
 * the first example as DOT. Run it with `npm start`.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { autograd, type NDArray, nd, toDot, toText } from "adjoint";

const source = readFileSync(fileURLToPath(import.meta.url), "utf8").split("\n");

/** Prints a step's title and code, then runs it. */
function step(title: string, body: () => void): void {
  const start = source.findIndex((line) => line.startsWith(`step("${title}"`));
  const length = source.slice(start).indexOf("});");
  const code = source.slice(start + 1, start + length).map((line) => line.slice(2));
  console.log(`\n── ${title} ${"─".repeat(Math.max(0, 76 - title.length))}\n`);
  for (const line of code) console.log(line === "" ? "" : `> ${line}`);
  body();
}

const x = nd.arange(4).reshape([4, 1]);
let y: NDArray = x;

step("1. An array", () => {
  // const x = nd.arange(4).reshape([4, 1]);
  console.log(x);
});

step("2. Room for its gradient", () => {
  x.attachGrad();
  console.log(x.grad);
});

step("3. Record y = 2 xᵀx", () => {
  y = autograd.record(() => nd.dot(x.T, x).mul(2));
  console.log(y);
});

step("4. The program and its gradient as graphs", () => {
  const { forward, backward } = autograd.graphOf(y);
  console.log(toText(forward));
  console.log(toText(backward));
  save("seed.forward.dot", toDot(forward));
  save("seed.backward.dot", toDot(backward));
});

step("5. The gradient is 4x", () => {
  y.backward();
  console.log(x.grad?.sub(x.mul(4)).norm().asScalar() === 0);
  console.log(x.grad);
});

step("6. A result that is no scalar: as if it were summed", () => {
  const z = autograd.record(() => x.mul(x).mul(2));
  z.backward();
  console.log(x.grad);
});

step("7. Training and prediction mode", () => {
  console.log(autograd.isTraining());
  autograd.record(() => console.log(autograd.isTraining()));
  autograd.record(() => console.log(autograd.isTraining()), { trainMode: false });
  const ones = nd.ones([2, 8]);
  console.log(autograd.predictMode(() => nd.Dropout(ones, { p: 0.25 })));
  console.log(autograd.trainMode(() => nd.Dropout(ones, { p: 0.25 })));
});

step("8. Ordinary control flow", () => {
  const f = (a: NDArray): NDArray => {
    let b = a.mul(2);
    while (b.norm().asScalar() < 1000) b = b.mul(2);
    return b.sum().asScalar() > 0 ? b : b.mul(100);
  };
  nd.random.seed(0);
  for (const value of [nd.random.normal({ shape: 1 }), nd.array([-0.3]), nd.array([3.7])]) {
    const a = value.attachGrad();
    const d = autograd.record(() => f(a));
    d.backward();
    console.log(a, d, a.grad, a.grad?.equal(d.div(a)));
  }
  console.log(autograd.counts());
});

step("9. Head gradients and the chain rule", () => {
  const z = autograd.record(() => {
    y = x.mul(2);
    y.attachGrad();
    return y.mul(x);
  });
  z.backward();
  console.log(y.grad);
  y.backward(y.grad);
  console.log(x.grad?.equal(x.mul(2)));
});

step("10. The gradient's gradient", () => {
  const slope = autograd.record(() => {
    const [first] = autograd.grad(x.mul(x).mul(x), x, { createGraph: true });
    return first ?? x;
  });
  slope.backward();
  console.log(x.grad);
});

function save(name: string, text: string): void {
  const folder = fileURLToPath(new URL("../out", import.meta.url));
  mkdirSync(folder, { recursive: true });
  const path = join(folder, name);
  writeFileSync(path, text);
  console.log(`wrote ${relative(process.cwd(), path)}`);
}
