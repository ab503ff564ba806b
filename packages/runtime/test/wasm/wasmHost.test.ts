import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { WasmHost } from "../../src/wasm/wasmHost.js";

setFlagsFromString("--expose-gc");
const collect: unknown = runInNewContext("gc");

test("memory reserved for good stays when the collector has run", async () => {
  const host = new WasmHost();
  const { arenas } = host.heap.statistics;
  for (let time = 0; time < 4; time++) {
    if (typeof collect === "function") collect();
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  expect(arenas).toBeGreaterThan(0);
  expect(host.heap.statistics.arenas).toBe(arenas);
  expect(host.heap.allocate(1 << 17).address).toBeGreaterThan(host.table);
});
