export { contrib } from "./contrib.js";
