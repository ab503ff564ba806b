import type { JSX } from "preact";
import { useEffect, useRef } from "preact/hooks";

const keys: readonly (readonly [string, string])[] = [
  ["Tab", "into and out of a graph"],
  ["↑ ↓", "to what the row reads, to what reads it"],
  ["← →", "to the row beside"],
  ["Enter", "open a group"],
  ["Backspace", "close the group around the row"],
  ["c", "to the counterpart in the other graph"],
  ["Shift + arrows", "move the drawing"],
  ["+ − 0", "zoom in, out, fit"],
  ["[ ]", "the pass before, the pass after"],
  [", .", "a step back, a step on in the reverse pass"],
  ["1 2 3 4", "tabs"],
  ["/", "find a row"],
  ["Esc", "nothing selected"],
  ["?", "this list"],
];

/** The keys of the page. */
export function Help({ onClose }: { onClose(): void }): JSX.Element {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" onClose={onClose} aria-labelledby="helptitle">
      <h2 id="helptitle">Keys</h2>
      <dl>
        {keys.map(([key, text]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      <button type="button" onClick={() => dialog.current?.close()}>
        Close
      </button>
    </dialog>
  );
}
