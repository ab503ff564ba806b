import type { FunctionBuilder, FunctionRef, ModuleBuilder, Value } from "../assembler/index.js";
import type { ElementCode } from "../contract/element.js";
import { transpose } from "../contract/transpose.js";
import { beginFunction } from "../library/definition.js";

/**
 * Copies `elements` of each of `images` images, so that those of all images are side by side: element
 * e goes to `to` plus entry e of a table.
 */
const toLanesParameters = ["from", "imageStep", "images", "elements", "table", "to"] as const;

/** The way back: elements lie `step` bytes apart, and become neighbours. */
const fromLanesParameters = ["from", "step", "images", "elements", "to", "imageStep"] as const;

export interface LaneCopies {
  readonly toLanes: FunctionRef;
  readonly fromLanes: FunctionRef;
}

export function addLaneCopies(module: ModuleBuilder, element: ElementCode): LaneCopies {
  return { toLanes: addToLanes(module, element), fromLanes: addFromLanes(module, element) };
}

function addToLanes(module: ModuleBuilder, element: ElementCode): FunctionRef {
  const { bytes, lanes, loadFirst, storeLane } = element;
  const { code, of, ref } = beginFunction(module, `toLanes${bytes}`, toLanesParameters, "own");
  const step = of("imageStep");
  const places = (count: number) =>
    Array.from({ length: count }, (_, e) =>
      code.variable("i32", code.op("i32.add", of("to"), code.load("i32.load", of("table"), 4 * e))),
    );
  squares(code, element, [of("elements"), of("images")], {
    begin(count) {
      const to = places(count);
      const from = code.variable("i32", of("from"));
      return {
        square() {
          const rows = to.map(() => {
            const row = code.load("v128.load", from);
            code.increase(from, step);
            return row;
          });
          for (const [e, column] of transpose(code, rows).entries()) {
            code.store("v128.store", to[e] ?? from, column);
          }
          for (const place of to) code.increase(place, lanes * bytes);
        },
        single() {
          for (const [e, place] of to.entries()) {
            code.storeLane(storeLane, 0, place, code.load(loadFirst, from, e * bytes));
            code.increase(place, bytes);
          }
          code.increase(from, step);
        },
      };
    },
    end(count) {
      code.increase(of("from"), count * bytes);
      code.increase(of("table"), count * 4);
    },
  });
  return ref;
}

/** The function of 32-bit elements alone is what positions take. */
export function addFromLanes(module: ModuleBuilder, element: ElementCode): FunctionRef {
  const { bytes, lanes, loadFirst, storeLane } = element;
  const { code, of, ref } = beginFunction(module, `fromLanes${bytes}`, fromLanesParameters, "own");
  const imageStep = of("imageStep");
  squares(code, element, [of("elements"), of("images")], {
    begin(count) {
      const from = code.variable("i32", of("from"));
      const sources = [from];
      for (let e = 1; e < count; e++) {
        const before = sources[e - 1] ?? from;
        sources.push(code.variable("i32", code.op("i32.add", before, of("step"))));
      }
      const to = code.variable("i32", of("to"));
      return {
        square() {
          const rows = sources.map((source) => code.load("v128.load", source));
          for (const column of transpose(code, rows)) {
            code.store("v128.store", to, column);
            code.increase(to, imageStep);
          }
          for (const source of sources) code.increase(source, lanes * bytes);
        },
        single() {
          for (const [e, source] of sources.entries()) {
            code.storeLane(storeLane, 0, to, code.load(loadFirst, source), e * bytes);
            code.increase(source, bytes);
          }
          code.increase(to, imageStep);
        },
      };
    },
    end(count) {
      code.increase(of("from"), code.op("i32.mul", of("step"), count));
      code.increase(of("to"), count * bytes);
    },
  });
  return ref;
}

/** Some elements: what is done for as many images, and for one. */
interface Strip {
  square(): void;
  single(): void;
}

interface StripVisitor {
  begin(count: number): Strip;
  end(count: number): void;
}

/** As many elements as a vector has lanes, of as many images, while there are; then one by one. */
function squares(
  code: FunctionBuilder,
  { lanes }: ElementCode,
  [elements, images]: readonly [Value<"i32">, Value<"i32">],
  visit: StripVisitor,
): void {
  const done = code.variable("i32", 0);
  for (const count of [lanes, 1]) {
    code.countUp(done, code.op("i32.sub", elements, count - 1), count, () => {
      const strip = visit.begin(count);
      const image = code.variable("i32", 0);
      if (count === lanes) {
        code.countUp(image, code.op("i32.sub", images, lanes - 1), lanes, () => strip.square());
      }
      code.countUp(image, images, 1, () => strip.single());
      visit.end(count);
    });
  }
}
