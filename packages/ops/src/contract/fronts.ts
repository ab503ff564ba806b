export { dot } from "./dot.js";
