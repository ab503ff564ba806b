import { dependencyFile, ownFile, readBytes } from "../host.js";

/** Metrically compatible with Helvetica, for which Graphviz measures. */
const fontFile = "render/font/Arimo_400Regular.ttf";

/** Pixels per point. */
const zoom = 2;

/** No side of a picture is longer, whatever the graph, in pixels. */
const longestSide = 16_384;

let ready: Promise<void> | undefined;

/** Starts the rasteriser once per process. */
async function start(): Promise<typeof import("@resvg/resvg-wasm")> {
  const resvg = await import("@resvg/resvg-wasm");
  ready ??= resvg.initWasm(readBytes(dependencyFile("@resvg/resvg-wasm/index_bg.wasm")));
  await ready;
  return resvg;
}

/** An SVG as PNG, by resvg compiled to WebAssembly and a font of its own. Same input, same bytes. */
export async function rasterise(svg: string): Promise<Uint8Array> {
  const { Resvg } = await start();
  const font = readBytes(ownFile(fontFile));
  const measured = new Resvg(svg, { font: { fontBuffers: [font] } });
  const longest = Math.max(measured.width, measured.height);
  const scale = Math.min(zoom, longestSide / longest);
  measured.free();
  const picture = new Resvg(svg, {
    background: "#FFFFFF",
    fitTo: { mode: "zoom", value: scale },
    font: { fontBuffers: [font], defaultFontFamily: "Arimo", sansSerifFamily: "Arimo" },
  });
  const rendered = picture.render();
  const png = rendered.asPng();
  rendered.free();
  picture.free();
  return png;
}
