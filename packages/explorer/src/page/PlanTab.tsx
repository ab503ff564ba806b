import type { JSX, RefObject } from "preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import type { Place, PlanData, PlanSlot, PlanStep, Program, Side } from "../session/session.js";
import { sides } from "./model.js";
import { plural, shortBytes, shortTime } from "./numbers.js";
import type { Dispatch } from "./store.js";

const shownSteps = 400;
/** Nodes and rows of one step. */
const shownParts = 12;

function placeText([row, out]: Place): string {
  return out === 0 ? `%${row}` : `%${row}.${out}`;
}

function slotText({ place, bytes, offset, start, end, inPlaceOf }: PlanSlot): string {
  const over = inPlaceOf === undefined ? "" : `, written over ${placeText(inPlaceOf)}`;
  return `${placeText(place)}: ${shortBytes(bytes)} at ${offset}, steps ${start} to ${end}${over}`;
}

/** The width of an element, kept up to date. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(640);
  useLayoutEffect(() => {
    const { current } = element;
    if (current === null) return undefined;
    const observer = new ResizeObserver(() => setWidth(current.clientWidth));
    observer.observe(current);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Which part of the arena holds what from which step to which: time across, addresses down. */
function Arena({
  plan,
  step,
  onPick,
}: {
  readonly plan: PlanData;
  readonly step: number | undefined;
  onPick(step: number): void;
}): JSX.Element {
  const [pointed, setPointed] = useState<PlanSlot>();
  const { slots, arenaBytes, steps, liveBytesBound, scratchBytes } = plan;
  const scroller = useRef<HTMLElement>(null);
  const room = useWidth(scroller) - 18;
  const [width, height] = [Math.max(room, Math.min(2400, steps.length * 26)), 240];
  const x = (at: number) => (at / Math.max(1, steps.length)) * width;
  const y = (byte: number) => (byte / Math.max(1, arenaBytes)) * height;
  const share = arenaBytes === 0 ? 100 : Math.round((100 * liveBytesBound) / arenaBytes);
  return (
    <figure class="arena">
      <figcaption>
        <strong>{shortBytes(arenaBytes)}</strong> for{" "}
        {plural(slots.length, "temporary").replace("temporarys", "temporaries")}; at least{" "}
        {shortBytes(liveBytesBound)} must be alive at one step ({share} %).
        {scratchBytes > 0 && ` Kernels have ${shortBytes(scratchBytes)} of scratch memory besides.`}
      </figcaption>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section ref={scroller} class="scroller" tabIndex={0} aria-label="lifetimes in the arena">
        <svg
          width={width}
          height={height + 22}
          role="img"
          aria-label={`${slots.length} temporaries over ${steps.length} steps in ${shortBytes(arenaBytes)}`}
        >
          {step !== undefined && (
            <rect class="now" x={x(step)} y={0} width={x(1)} height={height} />
          )}
          {slots.map((slot) => {
            const { offset, bytes, start, end, place } = slot;
            const isAlive = step !== undefined && start <= step && step <= end;
            return (
              // biome-ignore lint/a11y/noStaticElementInteractions: the table of steps does the same
              <g
                key={place.join(".")}
                class={[
                  "slot",
                  ...(isAlive ? ["alive"] : []),
                  ...(slot.inPlaceOf === undefined ? [] : ["inplace"]),
                ].join(" ")}
                onMouseEnter={() => setPointed(slot)}
                onMouseLeave={() => setPointed(undefined)}
                onClick={() => onPick(start)}
              >
                <title>{slotText(slot)}</title>
                <rect
                  class="slotface"
                  x={x(start) + 1}
                  y={y(offset) + 0.5}
                  width={Math.max(2, x(end + 1 - start) - 2)}
                  height={Math.max(2, y(bytes) - 1)}
                  rx={3}
                />
                {x(end + 1 - start) > 34 && y(bytes) > 13 && (
                  <text x={x(start) + 6} y={y(offset + bytes / 2) + 4}>
                    {`${slot.inPlaceOf === undefined ? "" : "↦ "}${placeText(place)}`}
                  </text>
                )}
              </g>
            );
          })}
          <line class="axis" x1={0} y1={height + 0.5} x2={width} y2={height + 0.5} />
          {steps.map((_, at) =>
            at % Math.max(1, Math.ceil(steps.length / 24)) === 0 ? (
              <text key={at} class="tick" x={x(at) + 3} y={height + 15}>
                {at}
              </text>
            ) : null,
          )}
        </svg>
      </section>
      <p class="note">
        {pointed === undefined
          ? "Steps across, addresses down. ↦ goes on in the memory of what it reads."
          : slotText(pointed)}
      </p>
    </figure>
  );
}

function Steps({
  plan,
  side,
  step: picked,
  onPick,
  dispatch,
}: {
  readonly plan: PlanData;
  readonly side: Side;
  readonly step: number | undefined;
  onPick(step: number): void;
  readonly dispatch: Dispatch;
}): JSX.Element {
  const longest = plan.steps.reduce((most, one) => Math.max(most, one.milliseconds), 1e-9);
  const bytesOf = (buffers: readonly number[]) =>
    buffers.reduce((sum, at) => sum + (plan.buffers[at]?.bytes ?? 0), 0);
  const open = (row: number): void => {
    dispatch({ kind: "select", ref: { side, id: row }, reveal: true });
    dispatch({ kind: "tab", tab: "graphs" });
  };
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="scroller steps" tabIndex={0} aria-label="steps">
      <table>
        <thead>
          <tr>
            <th scope="col">Step</th>
            <th scope="col">Computes</th>
            <th scope="col">Of rows</th>
            <th scope="col">By</th>
            <th scope="col">Reads</th>
            <th scope="col">Writes</th>
            <th scope="col">Time</th>
          </tr>
        </thead>
        <tbody>
          {plan.steps.slice(0, shownSteps).map((step, at) => (
            <tr key={at} class={at === picked ? "picked" : undefined}>
              <td>
                <button
                  type="button"
                  class="small"
                  onClick={() => onPick(at)}
                  aria-pressed={at === picked}
                >
                  {at}
                </button>
              </td>
              <td>
                <Computed step={step} />
              </td>
              <td>
                {step.rows.slice(0, shownParts).map((row) => (
                  <button key={row} type="button" class="row" onClick={() => open(row)}>
                    %{row}
                  </button>
                ))}
                {step.rows.length > shownParts && ` and ${step.rows.length - shownParts} more`}
              </td>
              <td class="code">
                {step.kernel}
                {step.threads > 1 && ` on ${step.threads} threads`}
              </td>
              <td class="number">{shortBytes(bytesOf(step.reads))}</td>
              <td class="number">{shortBytes(bytesOf(step.writes))}</td>
              <td class="number time">
                <span class="bar" style={{ width: `${(60 * step.milliseconds) / longest}px` }} />
                {shortTime(step.milliseconds)}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {plan.folded.length > 0 && (
        <p class="note">
          Part of the code, computed by no step:{" "}
          <code>
            {plan.folded
              .slice(0, 40)
              .map(({ id, op }) => `%${id} ${op}`)
              .join(" · ")}
          </code>
          {plan.folded.length > 40 && ` and ${plan.folded.length - 40} more`}
        </p>
      )}
      {plan.steps.length > shownSteps && (
        <p class="note">
          The first {shownSteps} of {plan.steps.length} steps.
        </p>
      )}
    </section>
  );
}

function Computed({ step: { nodes } }: { readonly step: PlanStep }): JSX.Element {
  const names = nodes.map(({ id, op }) => `%${id} ${op}`);
  const text = names.length === 0 ? "copy" : names.slice(0, shownParts).join(" · ");
  return (
    <>
      <code title={names.join(" · ")}>
        {text}
        {names.length > shownParts && " · …"}
      </code>
      {nodes.length > 1 && <span class="badge">{nodes.length} fused</span>}
    </>
  );
}

function totalsOf({ steps, milliseconds, threads }: PlanData): string {
  const fused = steps.filter(({ nodes }) => nodes.length > 1).length;
  const interpreted = steps.filter(({ code }) => code === "interpreted").length;
  const time = steps.reduce((sum, step) => sum + step.milliseconds, 0);
  return [
    plural(steps.length, "step"),
    ...(fused === 0 ? [] : [plural(fused, "fused group")]),
    ...(interpreted === 0 ? [] : [`${interpreted} by the interpreter`]),
    plural(threads, "thread"),
    `a run takes ${shortTime(milliseconds)}, its steps ${shortTime(time)}`,
  ].join(", ");
}

/** How both graphs run once they are compiled: memory over time, code, times. */
export function PlanTab({
  program,
  dispatch,
}: {
  readonly program: Program;
  readonly dispatch: Dispatch;
}): JSX.Element {
  const [side, setSide] = useState<Side>("forward");
  const [step, setStep] = useState<number>();
  const plan = program.plans[side];
  return (
    <div class="plan">
      <div class="planhead">
        <fieldset class="switch">
          <legend class="hidden">graph</legend>
          {sides.map((one) => (
            <label key={one} class={one === side ? "on" : undefined}>
              <input
                type="radio"
                name="planside"
                checked={one === side}
                onChange={() => {
                  setSide(one);
                  setStep(undefined);
                }}
              />
              {one}
            </label>
          ))}
        </fieldset>
        <span class="count">{totalsOf(plan)}</span>
      </div>
      {plan.slots.length > 0 ? (
        <Arena plan={plan} step={step} onPick={setStep} />
      ) : (
        <p class="note">No temporaries: steps read and write inputs, results and registers only.</p>
      )}
      <Steps plan={plan} side={side} step={step} onPick={setStep} dispatch={dispatch} />
    </div>
  );
}
