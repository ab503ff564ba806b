import { makeSession } from "./makeSession.js";
import type { ExploreRequest } from "./request.js";

/**
 * A process that makes one session: a fresh one for each, so that a changed module and all that it imports are loaded
 * anew, and a program that never ends can be stopped.
 */
process.once("message", (request: ExploreRequest) => {
  void makeSession(request).then((made) => {
    process.send?.(made, () => process.exit(0));
  });
});
