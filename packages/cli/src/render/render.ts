import { type Decoration, type Printable, toDot, toJson, toMermaid, toText } from "@adjoint/graph";
import type { Format } from "../formats.js";
import { gradientToJson } from "../source/graphFile.js";
import { UsageError } from "../usageError.js";
import { htmlPage } from "./htmlPage.js";
import { layOut } from "./layOut.js";
import { rasterise } from "./rasterise.js";

/** How something is written. */
export interface RenderOptions {
  readonly decoration: Decoration | undefined;
  readonly direction: "down" | "right";
  readonly full: boolean;
  readonly caption: string | undefined;
  /** How many rows a page lays out at a time. */
  readonly maxRows: number;
}

function jsonOf(subject: Printable): string {
  if ("backward" in subject) {
    const { forward, backward } = subject;
    if (!("kind" in forward) && !("kind" in backward)) return gradientToJson({ forward, backward });
  } else if (!("kind" in subject)) return toJson(subject);
  throw new UsageError("--format json holds whole graphs");
}

/** A subject in a format, as text that ends a line, or as bytes. Same input, same bytes. */
export async function render(
  subject: Printable,
  format: Format,
  options: RenderOptions,
): Promise<string | Uint8Array> {
  switch (format) {
    case "text":
      return `${toText(subject, options)}\n`;
    case "json":
      return `${jsonOf(subject)}\n`;
    case "dot":
      return toDot(subject, options);
    case "mermaid":
      return toMermaid(subject, options);
    case "svg":
      return layOut(toDot(subject, options));
    case "png":
      return rasterise(await layOut(toDot(subject, options)));
    case "html":
      return htmlPage(subject, options);
    default:
      return format satisfies never;
  }
}
