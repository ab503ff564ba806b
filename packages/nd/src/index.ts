export { NDArray } from "./array/ndarray.js";
export * as autograd from "./autograd.js";
export * as creation from "./creation.js";
