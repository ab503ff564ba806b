export { main, run } from "./command.js";
export { type GraphFile, gradientFormat, gradientToJson, readGraphFile } from "./graphFile.js";
