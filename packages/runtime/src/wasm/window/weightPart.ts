import type { Span } from "../spans.js";
import type { ConvolutionSizes } from "./convolutionSizes.js";
import type { ImageLayout } from "./imageLayout.js";

/**
 * For each group, the sum over images of heads times windows over data, for some channels and
 * filters.
 */
export interface WeightPart {
  readonly sizes: ConvolutionSizes;
  readonly image: ImageLayout;
  /** Images that are laid out together, as lanes; undefined where each is laid out on its own. */
  readonly chunk: number | undefined;
  readonly channels: Span;
  readonly filters: Span;
}
