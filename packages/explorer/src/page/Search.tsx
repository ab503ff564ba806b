import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";
import type { Row } from "../session/session.js";
import { nameOf, type RowRef, sides, type StageModel } from "./model.js";

const mostFound = 12;

interface Found {
  readonly ref: RowRef;
  readonly row: Row;
  readonly text: string;
}

function matches(row: Row, query: string): boolean {
  if (row.literal !== undefined) return false;
  if (/^%\d+$/.test(query)) return query === `%${row.id}`;
  const texts = [row.name, row.scope ?? "", row.site ?? "", ...row.types];
  return texts.some((text) => text.toLowerCase().includes(query));
}

function find(stage: StageModel, text: string): Found[] {
  const query = text.trim().toLowerCase();
  if (query === "") return [];
  const found: Found[] = [];
  for (const side of sides) {
    const graph = stage.graphs[side];
    for (const row of graph.rows) {
      if (!matches(row, query)) continue;
      const name = row.kind === "node" ? `%${row.id} ${row.name}` : nameOf(graph, row.id);
      found.push({ ref: { side, id: row.id }, row, text: name });
      if (found.length >= mostFound) return found;
    }
  }
  return found;
}

/** Finds rows by operator, number, scope, type or line. */
export function Search({
  stage,
  onPick,
}: {
  readonly stage: StageModel;
  onPick(ref: RowRef): void;
}): JSX.Element {
  const [query, setQuery] = useState("");
  const found = useMemo(() => find(stage, query), [stage, query]);
  const pick = (ref: RowRef): void => {
    setQuery("");
    onPick(ref);
  };
  return (
    <search class="search">
      <label>
        <span class="hidden">find a row</span>
        <input
          id="search"
          type="search"
          placeholder="Find: op, %id, scope, type, line"
          value={query}
          autocomplete="off"
          onInput={({ currentTarget }) => setQuery(currentTarget.value)}
          onKeyDown={({ key, currentTarget }) => {
            // What is typed may not have been drawn yet.
            const [first] = find(stage, currentTarget.value);
            if (key === "Enter" && first !== undefined) pick(first.ref);
            if (key === "Escape") setQuery("");
          }}
        />
      </label>
      {query.trim() !== "" && found.length === 0 && <p class="found note">Nothing found.</p>}
      {found.length > 0 && (
        <ul class="found">
          {found.map(({ ref, row, text }) => (
            <li key={`${ref.side} ${ref.id}`}>
              <button type="button" onClick={() => pick(ref)}>
                <code>{text}</code>
                <span class="count">
                  {ref.side} · {row.types[0]} {row.site ?? ""}
                </span>
              </button>
            </li>
          ))}
        </ul>
      )}
    </search>
  );
}
