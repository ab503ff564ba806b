export { Arena } from "./arena.js";
export { defaultBudget, Heap, type HeapOptions, type HeapStatistics } from "./heap.js";
export { copyTensor, firstElement, HeapTensor, releaseTensor, tensorView } from "./heapTensor.js";
