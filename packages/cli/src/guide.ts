/** What the help says after the options. */
export const guide = `
MODULE exports a function of NDArrays that returns an NDArray or a list of them; TypeScript needs no build step.
MODULE may also be a graph file, as --format json or --format text writes it.

ARGUMENT is [dtype:]lengths[=value], such as 4x1, 4,1, 1, float64:4x1 or 4x1=0.5, or a file: x.npy, w.npz#name,
w.params#name. Without a value, floats are standard normal numbers from seed 0, and integers are ones. The arguments of
a graph file give the numbers for --values, --profile and --nan.

NODE is %5 or 5, or the name of an input; of two graphs f5 in the program, b30 in the gradient, as drawings name them.

What the module prints goes to standard error.

Examples:
  adjoint dump model.ts --arg 4x1
  adjoint dump model.ts#loss --arg 8x3 --arg 3x1=0.5 --format svg -o loss.svg
  adjoint dump model.ts#loss --arg 8x3 --arg w.npy --values --cost all
  adjoint dump model.ts#loss --arg 8x3 --arg 3x1 --check loss.txt
  adjoint dump loss.json --backward --around head.y0 --radius 3
  adjoint dump --diff before.json after.json

Exit codes: 0; 1 if the program fails, --check finds a difference or --nan a number; 2 for wrong use.`;
