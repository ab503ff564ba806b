import { controlWords, readyWord, spinTurns } from "./controlBlock.js";

/** What workers are told. */
export type WorkerMessage =
  | {
      readonly kind: "begin";
      readonly memory: WebAssembly.Memory;
      /** Address of the control block. */
      readonly control: number;
      /** Address of the table of a run. */
      readonly table: number;
      /** The worker's number, from 1. */
      readonly thread: number;
    }
  | {
      readonly kind: "library";
      readonly name: string;
      readonly module: WebAssembly.Module;
      readonly imports: readonly ImportedFunction[];
    }
  | {
      readonly kind: "plan";
      readonly plan: number;
      readonly module: WebAssembly.Module;
      readonly imports: readonly ImportedFunction[];
    }
  | { readonly kind: "drop"; readonly plan: number };

/** A function of a library under the name by which a module imports it. */
export interface ImportedFunction {
  readonly as: string;
  readonly library: string;
  readonly name: string;
}

/**
 * The program of a worker. It waits in shared memory for jobs, first turning and then asleep, and
 * leaves its wait when there are messages, since these come through the event loop. As text it can
 * be started wherever the library was bundled to.
 */
export const workerSource = `
const { parentPort } = typeof require === "function" ? require("node:worker_threads") : {};
const listen = (take) =>
  parentPort ? parentPort.on("message", take) : (onmessage = ({ data }) => take(data));
const later = typeof setImmediate === "function" ? setImmediate : (run) => setTimeout(run, 0);
const libraries = new Map();
const plans = new Map();
let begun, words, taken = 0, seen = 0, known = 0, isWaiting = false;

function instantiate({ module, imports }) {
  const env = { memory: begun.memory };
  for (const { as, library, name } of imports) env[as] = libraries.get(library)[name];
  return new WebAssembly.Instance(module, { env }).exports;
}

function take(message) {
  taken++;
  if (message.kind === "begin") {
    begun = message;
    words = new Int32Array(begun.memory.buffer, begun.control);
    seen = Atomics.load(words, ${controlWords.epoch});
  } else if (message.kind === "library") {
    libraries.set(message.name, instantiate(message));
  } else if (message.kind === "drop") {
    plans.delete(message.plan);
  } else {
    plans.set(message.plan, instantiate(message));
    known = message.plan;
    Atomics.store(words, ${readyWord(0)} + 16 * begun.thread, known);
  }
  if (isWaiting) return;
  isWaiting = true;
  later(wait);
}

function wait() {
  let turns = 0;
  for (;;) {
    if (Atomics.load(words, ${controlWords.mail}) !== taken) return later(wait);
    const epoch = Atomics.load(words, ${controlWords.epoch});
    if (epoch !== seen) {
      seen = epoch;
      turns = 0;
      const plan = plans.get(words[${controlWords.plan}]);
      plan["run" + words[${controlWords.list}] + "." + begun.thread](begun.table);
    } else if (turns++ > ${spinTurns.idle}) {
      Atomics.add(words, ${controlWords.sleepers}, 1);
      if (Atomics.load(words, ${controlWords.mail}) === taken)
        Atomics.wait(words, ${controlWords.epoch}, seen, 1000);
      Atomics.sub(words, ${controlWords.sleepers}, 1);
    }
  }
}

listen(take);
`;
