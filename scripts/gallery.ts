/**
 * Draws the pictures of docs/gallery.md by the command line, and writes the page. `npm run docs:gallery`.
 */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { run } from "@adjoint/cli";

const root = fileURLToPath(new URL("..", import.meta.url));

/** Where the commands run. */
export const galleryFolder = join(root, "examples");

/** One picture of the page. */
export interface Picture {
  /** Of the file, without its ending. */
  readonly name: string;
  readonly title: string;
  /** What there is to see. */
  readonly text: string;
  /** What follows `adjoint dump`. */
  readonly args: readonly string[];
}

const mlp = ["models.ts#mlp", "--arg", "2x3", "--arg", "3x4", "--arg", "4x5", "--arg", "2"];
const attention = ["models.ts#attention", ...new Array(4).fill(["--arg", "4x4"]).flat()];

export const pictures: readonly Picture[] = [
  {
    name: "product",
    title: "The first example: twice an inner product",
    text: "Program and gradient are two graphs. The dashed line is the one value that the program saves for its gradient; `d(%2 dot)` names the row that a row of the gradient differentiates.",
    args: ["models.ts", "--arg", "4x1"],
  },
  {
    name: "passes",
    title: "What the passes on the gradient changed",
    text: "From the gradient as the reverse pass leaves it to the one that runs: rows in red are gone, rows in orange read something else now. Two products, each with a transposition, have become one.",
    args: ["models.ts", "--arg", "4x1", "--diff", "start", "end"],
  },
  {
    name: "detach",
    title: "A constant to differentiation",
    text: "`detach` cuts: no gradient flows into the first product, although its value is saved.",
    args: ["models.ts#detached", "--arg", "4x1"],
  },
  {
    name: "control-positive",
    title: "Control flow, one path",
    text: "Loops and branches of the program are gone from the graph: what is recorded is the path that this run took. Here the numbers double until the norm is large, and their sum is positive.",
    args: ["models.ts#control", "--arg", "3=12"],
  },
  {
    name: "control-negative",
    title: "Control flow, the other path",
    text: "The same program on other numbers: the loop ends at once, and the sum is negative.",
    args: ["models.ts#control", "--arg", "3=-50"],
  },
  {
    name: "mlp",
    title: "A perceptron with a loss",
    text: "Boxes are the scopes of `nd.nameScope`, in the program and in its gradient alike. Colours and last lines are operations, and bytes saved.",
    args: [...mlp, "--cost", "flops,saved"],
  },
  {
    name: "mlp-collapsed",
    title: "The same, by scopes",
    text: "`--depth 0` draws each scope as one row.",
    args: [...mlp, "--depth", "0"],
  },
  {
    name: "attention",
    title: "An attention block",
    text: "Softmax is one row, and so is its derivative's formula: composites stay whole until a program is planned.",
    args: attention,
  },
  {
    name: "second-order",
    title: "The gradient's gradient",
    text: "The gradient of the joint program of the first picture: it is linear in x, so nothing of x is left.",
    args: ["models.ts", "--arg", "4x1", "--order", "2"],
  },
];

/** The page that shows the pictures. */
export function galleryPage(): string {
  const parts = pictures.map(
    ({ name, title, text, args }) =>
      `## ${title}\n\n${text}\n\n\`\`\`sh\nnpx adjoint dump ${args.join(" ")} --format svg\n\`\`\`\n\n![${title}](gallery/${name}.svg)\n`,
  );
  const head =
    "# Gallery\n\nPrograms of [`examples/models.ts`](../examples/models.ts), drawn by `adjoint dump`; [Dumps](dump.md) says what else it shows.\nThe pictures and this page are made by `npm run docs:gallery`.\n";
  return [head, ...parts].join("\n");
}

async function main(): Promise<void> {
  const folder = join(root, "docs", "gallery");
  mkdirSync(folder, { recursive: true });
  for (const file of readdirSync(folder)) rmSync(join(folder, file));
  process.chdir(galleryFolder);
  for (const { name, args } of pictures) {
    const code = await run(["dump", ...args, "-o", join(folder, `${name}.svg`)]);
    if (code !== 0) process.exit(code);
  }
  writeFileSync(join(root, "docs", "gallery.md"), galleryPage());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await main();
