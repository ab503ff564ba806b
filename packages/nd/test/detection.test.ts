import { nd } from "../src/index.js";

const { contrib } = nd;
const boxes = nd.array([
  [0, 0, 1, 1],
  [0.5, 0.5, 1, 1],
]);

/** Beside MXNet's numbers in test/golden/recorded. */
describe("detection", () => {
  test("overlap of boxes without area is 0, in either format", () => {
    const none = nd.zeros([1, 4]);
    expect(contrib.boxIou(none, none).toFlat()).toEqual([0]);
    expect(contrib.boxIou(none, none, { format: "center" }).toFlat()).toEqual([0]);
  });

  test("of equal scores the first box stays", () => {
    const rows = nd.array([
      [0, 0.5, 0, 0, 1, 1],
      [1, 0.5, 0, 0, 1, 0.9],
    ]);
    expect(contrib.boxNms(rows).asNested()).toEqual([
      [0, 0.5, 0, 0, 1, 1],
      [-1, -1, -1, -1, -1, -1],
    ]);
  });

  test("a threshold is compared in float32: 0.4 is not above 0.4", () => {
    const row = nd.array([[0, 0.4, 0, 0, 1, 1]]);
    expect(contrib.boxNms(row, { validThresh: 0.4 }).toFlat()).toEqual([-1, -1, -1, -1, -1, -1]);
  });

  test("decoding undoes encoding", () => {
    const [one, match] = [nd.ones([1, 2]), nd.array([[1, 0]])];
    const anchors = nd.array([
      [
        [0, 0, 0.5, 0.75],
        [0.25, 0.5, 0.75, 1],
      ],
    ]);
    const refs = boxes.reshape([1, 2, 4]);
    const [means, stds] = [nd.zeros([4]), nd.array([0.5, 0.5, 0.25, 0.25])];
    const [offsets] = contrib.boxEncode(one, match, anchors, refs, means, stds);
    const options = { std0: 0.5, std1: 0.5, std2: 0.25, std3: 0.25, format: "corner" } as const;
    const decoded = contrib.boxDecode(offsets, anchors, options).toFlat();
    const expected = [0.5, 0.5, 1, 1, 0, 0, 1, 1];
    expect(decoded.map((edge) => Math.round(edge * 1e6) / 1e6)).toEqual(expected);
  });

  const rows: readonly (readonly [string, () => unknown, string])[] = [
    ["no boxes", () => contrib.boxIou(nd.ones([2, 3]), boxes), "boxIou: boxes has another shape"],
    ["one box without a list", () => contrib.boxIou(nd.ones([4]), boxes), "boxes make no list"],
    [
      "a format that is none",
      () => contrib.boxIou(boxes, boxes, Object({ format: "corners" })),
      "format is not valid",
    ],
    ["too few columns", () => contrib.boxNms(boxes), "boxNms: data has too few columns"],
    [
      "no matrix of scores",
      () => contrib.bipartiteMatching(nd.ones([2]), { threshold: 0 }),
      "data is no matrix of scores",
    ],
    ["no threshold", () => contrib.bipartiteMatching(boxes, Object({})), "threshold is not valid"],
    ["no feature maps", () => contrib.MultiBoxPrior(boxes), "data has another shape"],
    [
      "no sizes",
      () => contrib.MultiBoxPrior(nd.ones([1, 1, 1, 1]), { sizes: [] }),
      "sizes is not valid: []",
    ],
    [
      "three variances",
      () =>
        contrib.MultiBoxTarget(nd.ones([1, 2, 4]), nd.ones([1, 1, 5]), nd.ones([1, 2, 2]), {
          variances: [1, 1, 1],
        }),
      "variances is not valid: [1, 1, 1]",
    ],
    [
      "offsets for other anchors",
      () => contrib.MultiBoxDetection(nd.ones([1, 2, 2]), nd.ones([1, 4]), nd.ones([1, 2, 4])),
      "locPred has another shape: (1, 4) (allowed: (1, 8))",
    ],
  ];
  test.each(rows)("%s: refused", (_, call, message) => {
    expect(call).toThrow(message);
  });
});
