import { autograd, nd } from "adjoint";

const x = nd.arange(4).reshape([4, 1]).attachGrad();
autograd.record(() => nd.dot(x.T, x).mul(2)).backward();
console.log("gradient", x.grad.toFlat());
