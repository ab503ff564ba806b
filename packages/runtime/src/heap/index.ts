export { Arena } from "./arena.js";
export { defaultBudget, Heap, type HeapOptions, type HeapStatistics } from "./heap.js";
export { copyTensor, HeapTensor, tensorView } from "./heapTensor.js";
