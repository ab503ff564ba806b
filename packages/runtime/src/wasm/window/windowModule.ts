import { contractLibrary, contractName } from "../contract/contractModule.js";
import { type ElementCode, elementCodes } from "../contract/element.js";
import { type KernelShape, kernelShape } from "../contract/kernelShape.js";
import { packParameters } from "../contract/packPanels.js";
import type { Target } from "../contract/tile.js";
import { importFunctions, type KernelLibraries } from "../kernelLibraries.js";
import { beginFunction, type Functions, type LibraryDefinition } from "../library/definition.js";
import { type MoveFunctions, moveLibrary } from "../move/moveLibrary.js";
import { addFillGroups, fillGroupsParameters } from "./cellTable.js";
import { addTileWalk } from "./convolutionTiles.js";
import { addConvolveImages, convolveImagesParameters } from "./convolveImages.js";
import { addConvolveInside, insideParameters } from "./convolveInside.js";
import {
  addConvolveLanes,
  convolveLanesParameters,
  laneProductParameters,
} from "./convolveLanes.js";
import { addConvolveWeightLanes, convolveWeightLanesParameters } from "./convolveWeightLanes.js";
import { addConvolveWeights, convolveWeightsParameters } from "./convolveWeights.js";
import { addFromLanes, addLaneCopies } from "./laneCopies.js";
import { addFillOffsets, fillOffsetsParameters } from "./offsetTable.js";
import { addPackHead } from "./packHead.js";
import { addPackWeights } from "./packWeights.js";
import { addPadPlanes } from "./padPlanes.js";
import { addPooling } from "./pooling.js";
import { addPoolLanes, poolLanesParameters } from "./poolLanes.js";
import { poolParameters } from "./tapRows.js";
import { addLaneTiles } from "./weightTiles.js";
import type { WindowElement } from "./windowElement.js";

/** Functions for windows over images; all addresses and strides in bytes. */
export const windowFunctions = {
  fillOffsets: fillOffsetsParameters,
  fillGroups: fillGroupsParameters,
  /** Sets `bytes` bytes to zero, `count` times, `step` bytes apart. */
  clearRows: ["to", "count", "step", "bytes"],
  convolveImages: convolveImagesParameters,
  laneProduct: laneProductParameters,
  convolveLanes: convolveLanesParameters,
  convolveWeights: convolveWeightsParameters,
  convolveWeightLanes: convolveWeightLanesParameters,
  convolveInside: insideParameters,
  convolveDataInside: insideParameters,
  convolveWeightInside: insideParameters,
  poolSum: poolParameters,
  poolSumAdjoint: poolParameters,
  poolMax: poolParameters,
  poolSumLanes: poolLanesParameters,
  poolSumAdjointLanes: poolLanesParameters,
  poolMaxLanes: poolLanesParameters,
} as const;

export type WindowFunctions = Functions<typeof windowFunctions>;

/** Functions for windows over images of one type of element on one memory. */
export interface WindowLibrary extends Target {
  readonly element: ElementCode<WindowElement>;
  readonly functions: WindowFunctions;
  readonly move: MoveFunctions;
}

/** The windows of a runtime for one type of element. */
export function windowLibrary(libraries: KernelLibraries, type: WindowElement): WindowLibrary {
  const { shape } = contractLibrary(libraries, type);
  const functions = libraries.load(windowDefinition(type, kernelShape(libraries.host.engine)));
  return { element: elementCodes[type], shape, functions, move: moveLibrary(libraries) };
}

function windowDefinition(
  type: WindowElement,
  shape: KernelShape,
): LibraryDefinition<typeof windowFunctions> {
  return {
    name: `window.${type}`,
    functions: windowFunctions,
    imports: { packLeft: { library: contractName(type), name: "packLeft" } },
    write({ module }) {
      const packLeft = importFunctions(module, { packLeft: packParameters }, ["packLeft"]);
      const element = elementCodes[type];
      const target = { element, shape };
      addFillOffsets(module);
      addFillGroups(module);
      const pad = addPadPlanes(module, element);
      const packWeights = addPackWeights(module, target, packLeft("packLeft"));
      const images = { packWeights, walk: addTileWalk(module, target), pad };
      const copies = addLaneCopies(module, element);
      addConvolveImages(module, images);
      addConvolveLanes(module, target, { ...images, ...copies });
      const weights = {
        packHead: addPackHead(module, target),
        tiles: addLaneTiles(module, target),
      };
      addConvolveWeights(module, target, pad, weights);
      addConvolveWeightLanes(module, target, copies.toLanes, weights);
      addConvolveInside(module, element);
      addPooling(module, element);
      const positions =
        element.bytes === 4 ? copies.fromLanes : addFromLanes(module, elementCodes.int32);
      addPoolLanes(module, element, copies, positions);
      const { code, of } = beginFunction(module, "clearRows", windowFunctions.clearRows);
      code.countUp(code.variable("i32", 0), of("count"), 1, () => {
        code.clear(of("to"), of("bytes"));
        code.increase(of("to"), of("step"));
      });
    },
  };
}
