export { Arena } from "./arena.js";
export { defaultBudget, Heap, type HeapOptions, type HeapStatistics } from "./heap.js";
export { HeapTensor } from "./heapTensor.js";
