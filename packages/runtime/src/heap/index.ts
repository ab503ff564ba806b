export { Arena } from "./arena.js";
export { defaultBudget, Heap, type HeapOptions, type HeapStatistics } from "./heap.js";
export {
  copyTensor,
  firstElement,
  HeapTensor,
  hasMemoryApart,
  ownBytes,
  releaseTensor,
  tensorView,
} from "./heapTensor.js";
