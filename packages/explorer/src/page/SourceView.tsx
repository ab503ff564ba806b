import type { JSX } from "preact";

interface SourceProps {
  readonly lines: readonly string[];
  /** From 1. */
  readonly line: number;
  readonly file: string;
  /** Lines shown before and after; all of them where undefined. */
  readonly context?: number;
}

/** `model.ts:12` in its parts. */
export function splitSite(site: string): { readonly file: string; readonly line: number } {
  const cut = site.lastIndexOf(":");
  return { file: site.slice(0, cut), line: Number(site.slice(cut + 1)) };
}

/** A line of the user's source among its neighbours. */
export function SourceView({ lines, line, file, context = 4 }: SourceProps): JSX.Element {
  const first = Math.max(1, line - context);
  const shown = lines.slice(first - 1, line + context);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="source" tabIndex={0} aria-label={`${file}, line ${line}`}>
      {shown.map((text, at) => {
        const number = first + at;
        const isHere = number === line;
        return (
          <div
            key={number}
            class={isHere ? "line here" : "line"}
            aria-current={isHere || undefined}
          >
            <span class="number">{number}</span>
            <code class="text">{text === "" ? " " : text}</code>
          </div>
        );
      })}
    </section>
  );
}
