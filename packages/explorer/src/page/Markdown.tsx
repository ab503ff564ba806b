import type { JSX } from "preact";

/** A line of documentation: code between backticks, the rest as it is. */
export function Markdown({ text }: { readonly text: string }): JSX.Element {
  return (
    <>
      {text.split("\n").map((line, row) => (
        <p key={`${row} ${line}`}>
          {line
            .split("`")
            .map((part, at) => (at % 2 === 1 ? <code key={`${at} ${part}`}>{part}</code> : part))}
        </p>
      ))}
    </>
  );
}
