import { NDArray, nd } from "../src/index.js";

test("the class of arrays is found where MXNet has it", () => {
  const ones: nd.NDArray = nd.ones([2]);
  expect(nd.NDArray).toBe(NDArray);
  expect(ones).toBeInstanceOf(nd.NDArray);
});
