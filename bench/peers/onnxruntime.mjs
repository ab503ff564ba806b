/** onnxruntime, forward only: `node onnxruntime.js WORKLOAD node|web`; `node` is native code, `web` WebAssembly. */
import { summarize } from "../check.ts";
import { serve } from "../protocol.ts";
import { measureAsync } from "../timing.ts";
import { models } from "./onnxModels.mjs";

const [, , workload, build] = process.argv;

async function load() {
  if (build === "node") return (await import("onnxruntime-node")).default;
  const ort = await import("onnxruntime-web/wasm");
  ort.env.wasm.numThreads = 1;
  return ort;
}

const ort = await load();
const { bytes, feeds } = models[workload]();
const session = await ort.InferenceSession.create(bytes, {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  ...(build === "web" ? { executionProviders: ["wasm"] } : {}),
});
const tensors = Object.fromEntries(
  Object.entries(feeds).map(([name, { data, shape }]) => [
    name,
    new ort.Tensor("float32", data, shape),
  ]),
);
const step = async () => (await session.run(tensors)).out.data;

async function check() {
  const data = await step();
  if (data.length === 1) return { loss: data[0], gradients: [] };
  return { gradients: summarize([data]) };
}

await serve({ check, measure: (milliseconds) => measureAsync(step, milliseconds) });
