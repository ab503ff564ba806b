import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { beginFunction } from "../library/definition.js";
import { addSpread } from "./spread.js";

/**
 * How planes are laid out so that every window lies inside. Nothing is copied where `plane` is that
 * of the source as it lies, and `copied` is 0. All in bytes, but for counts.
 * - `padded`: where copies go; `plane` bytes each, of `sourcePlane` bytes of the source
 * - `skipped`: what the source has before the first element that is copied, `inset` what the copy
 *   has
 * - `zCount`, `yCount`, `xCount`: elements that are copied along each axis; then strides of both
 *   sides, of the copy but for x
 * - `phases`: elements of a row whose distance from its beginning leaves the same remainder by this
 *   number lie together, `phase` bytes from one remainder to the next. Where it is not 1, copies
 *   are made at `staged` first, planes of `stagedPlane` bytes, `stagedRows` rows of `stagedRow`
 *   bytes; `paddedRow` is a row of the final copy.
 */
export const paddingParameters = [
  "copied",
  "padded",
  "plane",
  "sourcePlane",
  "skipped",
  "inset",
  "zCount",
  "zFrom",
  "zTo",
  "yCount",
  "yFrom",
  "yTo",
  "xCount",
  "xFrom",
  "phases",
  "phase",
  "staged",
  "stagedPlane",
  "stagedRow",
  "stagedRows",
  "paddedRow",
] as const;

export type PaddingParameter = (typeof paddingParameters)[number];

export type Parameters<N extends string> = (name: N) => Value<"i32">;

export const padParameters = ["source", "planes", ...paddingParameters] as const;

/** A function that copies planes; nothing but zeros and earlier copies may be where they go. */
export function addPadPlanes(module: ModuleBuilder, element: ElementCode): FunctionRef {
  const spread = addSpread(module, element);
  const { bytes } = element;
  const { code, of, ref } = beginFunction(module, "padPlanes", padParameters, "own");
  const staging = code.op("i32.ne", of("phases"), 1);
  const plane = code.select(staging, of("stagedPlane"), of("plane"));
  const first = code.select(staging, of("staged"), of("padded"));
  const [from, to] = [
    code.op("i32.add", of("source"), of("skipped")),
    code.op("i32.add", first, of("inset")),
  ];
  const planes = [of("planes"), of("sourcePlane"), plane];
  const z = [of("zCount"), of("zFrom"), of("zTo")];
  const y = [of("yCount"), of("yFrom"), of("yTo")];
  const one = code.i32(bytes);
  code.call(spread, from, to, ...planes, ...z, ...y, of("xCount"), of("xFrom"), one);
  code.if(staging, () => {
    const distance = code.op("i32.mul", of("phases"), bytes);
    const length = code.op("i32.div_u", of("stagedRow"), distance);
    const allPlanes = [of("planes"), of("stagedPlane"), of("plane")];
    const rows = [of("stagedRows"), of("stagedRow"), of("paddedRow")];
    const phases = [of("phases"), one, of("phase")];
    code.call(
      spread,
      of("staged"),
      of("padded"),
      ...allPlanes,
      ...rows,
      ...phases,
      length,
      distance,
      one,
    );
  });
  return ref;
}

/** Makes zeros of where copies of `planes` planes go. */
export function clearPlanes(
  code: FunctionBuilder,
  of: Parameters<PaddingParameter>,
  planes: Value<"i32">,
): void {
  code.if(of("copied"), () => {
    code.clear(of("padded"), code.op("i32.mul", planes, of("plane")));
    code.if(code.op("i32.ne", of("phases"), 1), () => {
      code.clear(of("staged"), code.op("i32.mul", planes, of("stagedPlane")));
    });
  });
}

/**
 * The address of `planes` planes as windows need them: copies at `padded`, or the source itself.
 */
export function paddedPlanes(
  code: FunctionBuilder,
  pad: FunctionRef,
  of: Parameters<PaddingParameter>,
  source: Value<"i32">,
  planes: Value<"i32">,
  padded: Value<"i32"> = of("padded"),
): Value<"i32"> {
  const base = code.variable("i32", source);
  code.if(of("copied"), () => {
    const layout = paddingParameters.map((name) => (name === "padded" ? padded : of(name)));
    code.call(pad, source, planes, ...layout);
    code.assign(base, padded);
  });
  return base;
}
