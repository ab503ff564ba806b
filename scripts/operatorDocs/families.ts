/** The families that the reference groups operators by, in its order. */
export const families = [
  "Creation",
  "Random",
  "Elementwise",
  "Reduction",
  "Shape",
  "Indexing",
  "Ordering",
  "Linear algebra",
  "Neural network",
  "Optimizer updates",
  "Contrib",
  "Files",
  "Names",
  "Autograd",
] as const;

export type Family = (typeof families)[number];

/** Folders and files within `packages`, and the family of the operators there. */
const places: readonly (readonly [place: string, family: Family])[] = [
  ["nd/src/creation/", "Creation"],
  ["nd/src/random/", "Random"],
  ["nd/src/layers.ts", "Neural network"],
  ["nd/src/RNN.ts", "Neural network"],
  ["nd/src/LeakyReLU.ts", "Neural network"],
  ["ops/src/random/", "Random"],
  ["ops/src/elementwise/", "Elementwise"],
  ["ops/src/reduce/", "Reduction"],
  ["ops/src/view/", "Shape"],
  ["ops/src/pack/", "Shape"],
  ["ops/src/index/", "Indexing"],
  ["ops/src/order/", "Ordering"],
  ["ops/src/contract/", "Linear algebra"],
  ["ops/src/linalg/", "Linear algebra"],
  ["ops/src/nn/", "Neural network"],
  ["ops/src/spatial/", "Neural network"],
  ["nd/src/optimizer/", "Optimizer updates"],
  ["nd/src/resetArrays.ts", "Optimizer updates"],
  ["nd/src/io/", "Files"],
  ["nd/src/nameScope.ts", "Names"],
  ["nd/src/autograd.ts", "Autograd"],
  ["nd/src/recordedGraphs.ts", "Autograd"],
  ["nd/src/traceTree.ts", "Autograd"],
  ["nd/src/scopes.ts", "Autograd"],
  ["nd/src/transforms/", "Autograd"],
];

/** Families whose functions compute nothing, so that there is no derivative and not always an error. */
export const withoutOperators: ReadonlySet<Family> = new Set(["Files", "Names", "Autograd"]);

/** Activations are elementwise, but looked for among the layers. */
const layers = new Set(["Activation", "LeakyReLU"]);

/** The family of a function by its source file; undefined where the file holds no operators. */
export function familyOf(file: string, name: string): Family | undefined {
  if (layers.has(name)) return "Neural network";
  if (name.startsWith("contrib.")) return "Contrib";
  const [, family] = places.find(([place]) => file.startsWith(place)) ?? [];
  if (family === undefined && file.startsWith("ops/")) {
    throw new Error(`operatorDocs: ${name} of ${file} belongs to no family`);
  }
  return family;
}
