// Its `init` reads `navigator`, which Node 20 does not have.
globalThis.navigator ??= {};
const { defaultDevice, grad, init, jit, numpy: np } = await import("@jax-js/jax");
await init();
defaultDevice("wasm");
const slope = jit(grad((x) => np.matmul(np.transpose(x.ref), x).mul(2).sum()));
console.log("gradient", slope(np.array([0, 1, 2, 3]).reshape([4, 1])).dataSync());
