import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

/** What a package holds of others in compiled form, which its `package.json` does not name. */
interface Part {
  readonly name: string;
  readonly address: string;
  /** Licence, by its SPDX name. */
  readonly licence: string;
  readonly holders: string;
}

const parts: { readonly [name: string]: readonly Part[] } = {
  "@viz-js/viz": [
    {
      name: "Graphviz",
      address: "https://graphviz.org",
      licence: "EPL-2.0",
      holders: "AT&T Intellectual Property and the Graphviz authors",
    },
    {
      name: "Expat",
      address: "https://libexpat.github.io",
      licence: "MIT",
      holders: "Thai Open Source Software Center Ltd, Clark Cooper, and the Expat maintainers",
    },
  ],
};

/** Who holds the copyright of a package that carries no text of its licence. */
const holdersOf: { readonly [name: string]: string } = { "@viz-js/viz": "Michael Daines" };

const require = createRequire(import.meta.url);

/** The text of a licence, with its holders. */
function licenceText(licence: string, holders: string): string {
  const content: { readonly licenseText: string } = require(
    `spdx-license-list/licenses/${licence}.json`,
  );
  return content.licenseText.trim().replace("<year> ", "").replace("<copyright holders>", holders);
}

function ownText(folder: string, name: string, licence: string): string {
  const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"]
    .map((one) => join(folder, one))
    .find((one) => existsSync(one));
  if (file !== undefined) return readFileSync(file, "utf8").trim();
  const holders = holdersOf[name];
  if (holders === undefined) {
    throw new Error(`${name} carries no licence text; say in licenceNotices.ts who holds it`);
  }
  return licenceText(licence, holders);
}

/** Name, version and licence of a package and of what it holds in compiled form, with the texts. */
function noticesOf(folder: string): string[] {
  const content: { readonly name: string; readonly version: string; readonly license: string } =
    JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  const { name, version, license } = content;
  const own = `${name} ${version}, ${license}\n\n${ownText(folder, name, license)}`;
  const inner = (parts[name] ?? []).map(
    (part) =>
      `${part.name} (${part.address}), in compiled form in ${name}, ${part.licence}\n\n` +
      licenceText(part.licence, part.holders),
  );
  return [own, ...inner];
}

/**
 * The licences of packages that go into a bundle, each with its text.
 *
 * @throws Error for a package without a text, of which nobody has said who holds its copyright
 */
export function licenceNotices(folders: readonly string[]): string {
  const notices = folders.flatMap(noticesOf);
  return `${notices.join(`\n\n${"-".repeat(72)}\n\n`)}\n`;
}
