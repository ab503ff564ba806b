/** The script of a page that shows a graph by itself; see `htmlPage`. It runs in a browser, without any import. */

/** As `PageModel` describes it. */
interface Model {
  readonly name: string;
  readonly direction: string;
  readonly limit: number;
  readonly clusters: readonly { readonly parent: number; readonly label: string }[];
  readonly rows: readonly (readonly [string, number])[];
  readonly labels: readonly string[];
  readonly edges: readonly (readonly [number, number, number, number])[];
}

interface PanZoom {
  zoomIn(): void;
  zoomOut(): void;
  panBy(by: { readonly x: number; readonly y: number }): void;
  pan(to: { readonly x: number; readonly y: number }): void;
  zoomBy(scale: number): void;
  getSizes(): { readonly realZoom: number; readonly viewBox: { readonly width: number } };
  reset(): void;
  destroy(): void;
}

/** From viz-global.js. */
declare const Viz: {
  instance(): Promise<{ renderSVGElement(dot: string): SVGSVGElement }>;
};
/** From svg-pan-zoom.min.js. */
declare const svgPanZoom: (svg: SVGSVGElement, options: object) => PanZoom;

/** Rows that are open at first, so that the page comes up at once. */
const firstRows = 120;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new Error(`no element ${id}`);
  return found;
}

const model: Model = JSON.parse(element("model").textContent ?? "");
const canvas = element("canvas");
const details = element("details");
const status = element("status");
const search = element("search");

/** Members of each box, by its position; -1 is the page itself. */
const rowsIn = new Map<number, number[]>();
const clustersIn = new Map<number, number[]>();
const rowIds = model.rows.map(([statement]) => statement.slice(0, statement.indexOf(" ")));
const open = new Set<number>();

function addTo(map: Map<number, number[]>, key: number, item: number): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [item]);
  else list.push(item);
}

model.rows.forEach(([, cluster], row) => {
  addTo(rowsIn, cluster, row);
});
model.clusters.forEach(({ parent }, cluster) => {
  addTo(clustersIn, parent, cluster);
});

/** Rows in a box and in all boxes within. */
const sizes = model.clusters.map(() => 0);
for (const [, cluster] of model.rows) {
  for (let at = cluster; at >= 0; at = model.clusters[at]?.parent ?? -1)
    sizes[at] = (sizes[at] ?? 0) + 1;
}

/** How many rows a box shows, boxes within folded. */
const shownBy = (cluster: number): number =>
  (rowsIn.get(cluster)?.length ?? 0) + (clustersIn.get(cluster)?.length ?? 0);

/** Rows that the page would show with these boxes open. */
function shownRows(): number {
  let count = shownBy(-1);
  for (const cluster of open) if (isShown(cluster)) count += shownBy(cluster) - 1;
  return count;
}

/** Whether all boxes around a box are open. */
function isShown(cluster: number): boolean {
  for (let at = model.clusters[cluster]?.parent ?? -1; at >= 0; ) {
    if (!open.has(at)) return false;
    at = model.clusters[at]?.parent ?? -1;
  }
  return true;
}

/** Opens boxes from the outermost on, as long as no more than `most` rows are shown. */
function openUpTo(most: number): void {
  open.clear();
  let count = shownBy(-1);
  const waiting = [...(clustersIn.get(-1) ?? [])];
  for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
    const more = count + shownBy(next) - 1;
    if (more > most) continue;
    open.add(next);
    count = more;
    waiting.push(...(clustersIn.get(next) ?? []));
  }
}

/** The outermost folded box around a row; -1 where all are open. */
function foldedAround(row: number): number {
  let folded = -1;
  for (let at = model.rows[row]?.[1] ?? -1; at >= 0; at = model.clusters[at]?.parent ?? -1) {
    if (!open.has(at)) folded = at;
  }
  return folded;
}

function quote(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("&", "&amp;").replaceAll("\n", "\\n")}"`;
}

function folder(cluster: number): string {
  const { label = "" } = model.clusters[cluster] ?? {};
  const text = quote(`${label}\n${sizes[cluster]} rows`);
  return `c${cluster} [label=${text}, tooltip=${text}, shape=folder, style=filled, fillcolor="#FFFFFF"];`;
}

/** The statements of a box and of those within that are open. */
function boxLines(cluster: number): string[] {
  const rows = (rowsIn.get(cluster) ?? []).map((row) => model.rows[row]?.[0] ?? "");
  const inner = (clustersIn.get(cluster) ?? []).flatMap((one) => {
    if (!open.has(one)) return [folder(one)];
    const label = quote(model.clusters[one]?.label ?? "");
    return [`subgraph cluster_${one} {`, `label=${label};`, ...boxLines(one), "}"];
  });
  return [...rows, ...inner];
}

/** One line from each shown row to another, for all values that go there. */
function edgeLines(): string[] {
  const ends = model.rows.map((_, row) => {
    const folded = foldedAround(row);
    return folded < 0 ? (rowIds[row] ?? "") : `c${folded}`;
  });
  const bundles = new Map<string, { label: string; count: number; isDashed: boolean }>();
  for (const [from, to, label, dashed] of model.edges) {
    const [source, target] = [ends[from], ends[to]];
    if (source === target) continue;
    const key = `${source} -> ${target}`;
    const bundle = bundles.get(key) ?? { label: "", count: 0, isDashed: true };
    bundle.label = model.labels[label] ?? "";
    bundle.count++;
    bundle.isDashed &&= dashed === 1;
    bundles.set(key, bundle);
  }
  return [...bundles].map(([key, { label, count, isDashed }]) => {
    const text = quote(count === 1 ? label : `${count} values`);
    return `${key} [label=${text}${isDashed ? ", style=dashed" : ""}];`;
  });
}

function dot(): string {
  return [
    `digraph ${quote(model.name)} {`,
    `graph [rankdir=${model.direction}, fontname="Helvetica", bgcolor="transparent"];`,
    'node [fontname="Helvetica", fontsize=11];',
    'edge [fontname="Helvetica", fontsize=9];',
    ...boxLines(-1),
    ...edgeLines(),
    "}",
  ].join("\n");
}

const viz = await Viz.instance();
let view: PanZoom | undefined;

/** The name that Graphviz gives a part of the drawing. */
function nameOf(part: Element): string {
  return part.querySelector("title")?.textContent ?? "";
}

function select(name: string): void {
  for (const part of canvas.querySelectorAll(".selected")) part.classList.remove("selected");
  for (const part of canvas.querySelectorAll(".node, .edge")) {
    const ends = nameOf(part).split("->");
    if (ends.includes(name)) part.classList.add("selected");
  }
}

function describe(part: Element): void {
  const link = part.querySelector("a");
  const text = link?.getAttributeNS("http://www.w3.org/1999/xlink", "title");
  details.textContent = text ?? part.textContent;
  select(nameOf(part));
}

function partOf(name: string): Element | undefined {
  return [...canvas.querySelectorAll(".node")].find((part) => nameOf(part) === name);
}

/** Moves a part of the drawing to the middle, once what was zoomed is drawn. */
function centre(part: Element): void {
  requestAnimationFrame(() => requestAnimationFrame(() => centreNow(part)));
}

function centreNow(part: Element): void {
  const [outer, inner] = [canvas.getBoundingClientRect(), part.getBoundingClientRect()];
  view?.panBy({
    x: outer.x + outer.width / 2 - inner.x - inner.width / 2,
    y: outer.y + outer.height / 2 - inner.y - inner.height / 2,
  });
}

/** Opens a folded box or folds an open one. */
function toggle(cluster: number): void {
  if (open.has(cluster)) open.delete(cluster);
  else open.add(cluster);
  if (shownRows() > 2 * model.limit) {
    open.delete(cluster);
    status.textContent = "too many rows to lay out: fold something first";
    return;
  }
  show();
  const [inside = -1] = rowsIn.get(cluster) ?? [];
  const part = partOf(`c${cluster}`) ?? partOf(rowIds[inside] ?? "");
  if (part === undefined) return;
  makeReadable();
  centre(part);
}

function act(part: Element): void {
  const [, cluster] = /^c(?:luster_)?(\d+)$/.exec(nameOf(part)) ?? [];
  if (cluster === undefined) describe(part);
  else toggle(Number(cluster));
}

function prepare(part: Element): void {
  part.setAttribute("tabindex", "0");
  part.setAttribute("role", "button");
  part.setAttribute("aria-label", part.querySelector("text")?.textContent ?? nameOf(part));
  part.addEventListener("click", (event) => {
    event.preventDefault();
    act(part);
  });
  part.addEventListener("keydown", (event) => {
    if (!(event instanceof KeyboardEvent) || (event.key !== "Enter" && event.key !== " ")) return;
    event.preventDefault();
    act(part);
  });
}

/** Pixels per point at which text is read with ease, and below which it can't be. */
const [readable, unreadable] = [0.9, 0.45];

/** Zooms in where text is too small to be read. */
function makeReadable(): boolean {
  const scale = view?.getSizes().realZoom ?? 1;
  if (scale >= unreadable) return false;
  view?.zoomBy(readable / scale);
  return true;
}

/** Shows all, or where that is too small to be read, the beginning. */
function goToStart(): void {
  view?.reset();
  if (view === undefined || !makeReadable()) return;
  const { realZoom, viewBox } = view.getSizes();
  const middle = (canvas.clientWidth - viewBox.width * realZoom) / 2;
  view.pan(model.direction === "TB" ? { x: middle, y: 0 } : { x: 0, y: canvas.clientHeight / 3 });
}

/** Lays out what is open, and puts it on the page. */
function show(): void {
  const svg = viz.renderSVGElement(dot());
  view?.destroy();
  canvas.replaceChildren(svg);
  svg.removeAttribute("width");
  svg.removeAttribute("height");
  for (const part of svg.querySelectorAll(".node, .cluster")) prepare(part);
  view = svgPanZoom(svg, {
    fit: true,
    center: true,
    minZoom: 0.02,
    maxZoom: 50,
    zoomScaleSensitivity: 0.3,
  });
  status.textContent = `${shownRows()} of ${model.rows.length} rows shown`;
}

/** A word as it is; `%7` is not found in `%77`. */
function wordPattern(word: string): RegExp {
  const escaped = word.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
  return new RegExp(/\d$/.test(word) ? `${escaped}(?!\\d)` : escaped, "i");
}

/** Finds rows that hold all words, and goes to the first, or to the next after the last one found. */
let found = -1;
function find(text: string): void {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length === 0) return;
  const patterns = words.map(wordPattern);
  const matches = model.rows.flatMap(([statement], row) =>
    patterns.every((pattern) => pattern.test(statement)) ? [row] : [],
  );
  const next = matches.find((row) => row > found) ?? matches[0];
  if (next === undefined) {
    status.textContent = `nothing found for ${text}`;
    return;
  }
  found = next;
  reveal(next);
  status.textContent = `${matches.indexOf(next) + 1} of ${matches.length} found`;
}

/** Opens the boxes around a row, folds others where there are too many, and selects the row. */
function reveal(row: number): void {
  if (foldedAround(row) >= 0) {
    const around: number[] = [];
    for (let at = model.rows[row]?.[1] ?? -1; at >= 0; at = model.clusters[at]?.parent ?? -1)
      around.push(at);
    for (const cluster of around) open.add(cluster);
    if (shownRows() > model.limit) {
      open.clear();
      for (const cluster of around) open.add(cluster);
    }
    show();
  }
  const part = partOf(rowIds[row] ?? "");
  if (part === undefined) return;
  makeReadable();
  centre(part);
  describe(part);
}

const moves: Readonly<Record<string, () => void>> = {
  ArrowLeft: () => view?.panBy({ x: 60, y: 0 }),
  ArrowRight: () => view?.panBy({ x: -60, y: 0 }),
  ArrowUp: () => view?.panBy({ x: 0, y: 60 }),
  ArrowDown: () => view?.panBy({ x: 0, y: -60 }),
  "+": () => view?.zoomIn(),
  "-": () => view?.zoomOut(),
  "0": () => view?.reset(),
  "/": () => search.focus(),
};

document.addEventListener("keydown", (event) => {
  const move = moves[event.key];
  if (move === undefined || event.target === search || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  move();
});
search.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && search instanceof HTMLInputElement) find(search.value);
});
search.addEventListener("input", () => {
  found = -1;
});
element("fit").addEventListener("click", () => view?.reset());
element("fold").addEventListener("click", () => {
  open.clear();
  show();
  goToStart();
});
element("open").addEventListener("click", () => {
  openUpTo(model.limit);
  show();
  goToStart();
});

openUpTo(Math.min(firstRows, model.limit));
if (model.rows.length <= model.limit) openUpTo(model.limit);
show();
goToStart();

export {};
