/** MXNet's introduction to autograd, with the results left where a test reads them. */
import { autograd, nd } from "adjoint";

const x = nd.arange(4).reshape([4, 1]);
x.attachGrad();
const y = autograd.record(() => nd.dot(x.T, x).mul(2));
y.backward();
document.title = "done";
document.body.append(JSON.stringify({ y: y.asScalar(), grad: [...(x.grad?.asArray() ?? [])] }));
