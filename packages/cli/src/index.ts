export { main, run } from "./command.js";
export {
  type GraphFile,
  gradientFormat,
  gradientToJson,
  parseGraphFile,
  readGraphFile,
} from "./source/graphFile.js";
