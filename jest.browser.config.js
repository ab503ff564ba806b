import base from "./jest.config.js";

/** What runs in a real browser: `npm run test:browser`. */
export default {
  ...base,
  roots: ["<rootDir>/test/browser"],
  testPathIgnorePatterns: ["/node_modules/"],
  // Pages are timed, and share the machine's cores with the browser.
  maxWorkers: 1,
};
