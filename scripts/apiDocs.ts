/**
 * The API reference with the guide pages, in `out/docs`. In each page, the first mention of something that the
 * library exports links to its entry. Fails where TypeDoc warns, or a link leads nowhere.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import {
  Application,
  type CommentDisplayPart,
  Converter,
  type DeclarationReflection,
  PackageJsonReader,
  type ProjectReflection,
  ReflectionKind,
  TSConfigReader,
  TypeDocReader,
} from "typedoc";

const root = fileURLToPath(new URL("..", import.meta.url));
const out = join(root, "out/docs");

type Entries = ReadonlyMap<string, DeclarationReflection>;

/**
 * Everything with an entry, by the name that programs use: `compile`, `nd.dot`, `nd.random.seed`; members of arrays by
 * `.asScalar`.
 */
function entriesOf(project: ProjectReflection): Entries {
  const entries = new Map<string, DeclarationReflection>();
  const add = (name: string, one: DeclarationReflection): void => {
    if (!entries.has(name)) entries.set(name, one);
    if (one.name === "NDArray")
      for (const child of one.children ?? []) add(`.${child.name}`, child);
    if (one.kind === ReflectionKind.Namespace)
      for (const child of one.children ?? []) add(`${name}.${child.name}`, child);
  };
  for (const module of project.children ?? [])
    for (const one of module.children ?? []) add(one.name, one);
  return entries;
}

/** The name in a piece of code such as `` `nd.dot` ``, `` `compile(fn)` `` or `` `x.asScalar()` ``, as entries have it. */
function nameIn(code: string): string | undefined {
  const name = /^`(\.?[A-Za-z][\w.]*)(?:\([^`]*\))?`$/.exec(code)?.[1];
  return name?.replace(/^[a-z]\./, ".");
}

/** A page's text with links at first mentions. */
function linked(content: readonly CommentDisplayPart[], entries: Entries): CommentDisplayPart[] {
  const known = new Set<string>();
  let isLinkText = false;
  return content.map((part): CommentDisplayPart => {
    const wasLinkText = isLinkText;
    if (part.kind === "text") isLinkText = /\[[^\]]*$/.test(part.text);
    if (part.kind !== "code" || wasLinkText) return part;
    const name = nameIn(part.text);
    const target = name === undefined ? undefined : entries.get(name);
    if (name === undefined || target === undefined || known.has(name)) return part;
    known.add(name);
    return { kind: "inline-tag", tag: "@linkcode", target, text: part.text.slice(1, -1) };
  });
}

function linkPages(project: ProjectReflection): number {
  const entries = entriesOf(project);
  let count = 0;
  for (const page of project.documents ?? []) {
    page.content = linked(page.content, entries);
    count += page.content.filter(({ kind }) => kind === "inline-tag").length;
  }
  return count;
}

/** Links of a page that lead to no file, or to no place in one. */
function brokenLinks(path: string, textOf: (path: string) => string | undefined): string[] {
  const links = [...(textOf(path) ?? "").matchAll(/<a [^>]*href="([^"]+)"/g)];
  return links.flatMap(([, address = ""]) => {
    if (/^\w+:/.test(address)) return [];
    const [file = "", place] = address.split("#");
    const target = file === "" ? path : resolve(dirname(path), decodeURIComponent(file));
    const text = textOf(target);
    const isThere =
      text !== undefined &&
      (place === undefined || place === "" || text.includes(`id="${decodeURIComponent(place)}"`));
    return isThere ? [] : [`${relative(out, path)}: ${address}`];
  });
}

function checkLinks(): readonly string[] {
  const texts = new Map<string, string | undefined>();
  const textOf = (path: string): string | undefined => {
    if (!texts.has(path))
      texts.set(path, existsSync(path) ? readFileSync(path, "utf8") : undefined);
    return texts.get(path);
  };
  const pages = readdirSync(out, { recursive: true, encoding: "utf8" });
  return pages
    .filter((name) => name.startsWith("documents") && name.endsWith(".html"))
    .flatMap((name) => brokenLinks(join(out, name), textOf));
}

async function main(): Promise<boolean> {
  const readers = [new TypeDocReader(), new PackageJsonReader(), new TSConfigReader()];
  const app = await Application.bootstrap({}, readers);
  let links = 0;
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    links = linkPages(project);
  });
  const project = await app.convert();
  if (project === undefined) return false;
  app.validate(project);
  await app.generateOutputs(project);
  if (app.logger.hasErrors() || app.logger.hasWarnings()) return false;
  const broken = checkLinks();
  for (const one of broken) console.error(`no such place: ${one}`);
  console.log(`${links} mentions in guide pages link to entries`);
  return broken.length === 0 && links > 0;
}

process.exitCode = (await main()) ? 0 : 1;
