/**
 * Runs command lines that come as messages, one after the other, in this process, and answers with what each printed.
 */
import { run } from "../dist/index.js";

/** Runs `body` with what a stream is given kept instead of written. */
async function kept(streams, body) {
  const chunks = streams.map(() => []);
  const writers = streams.map(({ write }) => write);
  streams.forEach((stream, at) => {
    stream.write = (chunk) => {
      chunks[at].push(Buffer.from(chunk));
      return true;
    };
  });
  try {
    const result = await body();
    return [result, ...chunks.map((one) => Buffer.concat(one).toString())];
  } finally {
    streams.forEach((stream, at) => {
      stream.write = writers[at];
    });
  }
}

let last = Promise.resolve();
process.on("message", ({ id, args }) => {
  last = last.then(async () => {
    const [code, stdout, stderr] = await kept([process.stdout, process.stderr], () => run(args));
    process.send({ id, outcome: { code, stdout, stderr } });
  });
});
