import type { JSX } from "preact";
import type { Program } from "../session/session.js";
import { type GraphModel, sides, type StageModel } from "./model.js";
import { plural } from "./numbers.js";
import type { Dispatch } from "./store.js";

function countsOf({ changes, removed }: GraphModel) {
  const kinds = [...changes.values()];
  return {
    added: kinds.filter((kind) => kind === "added").length,
    changed: kinds.filter((kind) => kind === "changed").length,
    removed: removed.length,
  };
}

function Changes({ stage }: { readonly stage: StageModel }): JSX.Element {
  const [ahead, back] = [countsOf(stage.graphs.forward), countsOf(stage.graphs.backward)];
  const sum = {
    added: ahead.added + back.added,
    changed: ahead.changed + back.changed,
    removed: ahead.removed + back.removed,
  };
  if (sum.added + sum.changed + sum.removed === 0)
    return <span class="count">nothing changed</span>;
  return (
    <span class="changes">
      <span class="added">+{sum.added} added</span>
      <span class="removed">−{sum.removed} removed</span>
      <span class="changed">~{sum.changed} changed</span>
    </span>
  );
}

/** What the removed rows were: they are not in the drawing. */
function Removed({ stage }: { readonly stage: StageModel }): JSX.Element | null {
  const rows = sides.flatMap((side) => {
    const replaced = stage.stage.replacements.filter((one) => one.side === side);
    const why = new Map(replaced.map(({ rule, from, to }) => [from[0], { rule, to: to[0] }]));
    return stage.graphs[side].removed.map((row) => ({ side, row, reason: why.get(row.id) }));
  });
  if (rows.length === 0) return null;
  return (
    <details class="removedrows">
      <summary>{plural(rows.length, "removed row")}</summary>
      <ul>
        {rows.slice(0, 200).map(({ side, row: { id, name, kind }, reason }) => (
          <li key={`${side} ${id}`}>
            <code>{kind === "node" ? `%${id} ${name}` : `%${name}`}</code>
            {reason !== undefined && ` → %${reason.to}, ${reason.rule}`}
          </li>
        ))}
        {rows.length > 200 && <li>and {rows.length - 200} more</li>}
      </ul>
    </details>
  );
}

/** The slider over passes, and what the pass did. */
export function PassBar({
  program,
  position,
  stage,
  dispatch,
}: {
  readonly program: Program;
  readonly position: number;
  readonly stage: StageModel;
  readonly dispatch: Dispatch;
}): JSX.Element {
  const last = program.stages.length - 1;
  const { name, purpose, rules } = stage.stage;
  return (
    <section class="passes" aria-label="passes">
      <div class="slide">
        <label for="pass">After pass</label>
        <input
          id="pass"
          type="range"
          min={0}
          max={last}
          step={1}
          value={position}
          aria-valuetext={`${position} of ${last}: ${name}`}
          list="passes"
          onInput={({ currentTarget }) =>
            dispatch({ kind: "stage", stage: Number(currentTarget.value) })
          }
        />
        <datalist id="passes">
          {program.stages.map(({ name: label }, at) => (
            <option key={`${at} ${label}`} value={at} label={label} />
          ))}
        </datalist>
        <output class="passname">
          {position}/{last} <strong>{name}</strong>
        </output>
        {position === program.current && <span class="badge">what backward runs</span>}
      </div>
      <div class="did">
        <span>{purpose}</span>
        {position > 0 && <Changes stage={stage} />}
        {rules.length > 0 && (
          <span class="rules">
            {rules.map(({ rule, count }) => (
              <span key={rule} class="rule">
                {rule}
                {count > 1 && <small> ×{count}</small>}
              </span>
            ))}
          </span>
        )}
        <Removed stage={stage} />
      </div>
    </section>
  );
}
