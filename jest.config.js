/** ESM under jest: sources are compiled by ts-jest and packages resolve to their sources, not to `dist`. */
export default {
  testEnvironment: "node",
  // A process for each of two cores; slow machines get time, as no test is about time.
  maxWorkers: 2,
  testTimeout: 60_000,
  roots: ["<rootDir>/packages", "<rootDir>/test"],
  testMatch: ["**/*.test.ts"],
  // Those need a browser: jest.browser.config.js.
  testPathIgnorePatterns: ["/node_modules/", "<rootDir>/test/browser/"],
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: {
    "^@adjoint/([a-z]+)$": "<rootDir>/packages/$1/src/index.ts",
    "^@adjoint/([a-z]+)/([a-z]+)$": "<rootDir>/packages/$1/src/$2.ts",
    "^#files$": "<rootDir>/packages/nd/src/platform/files.node.ts",
    "^#engine$": "<rootDir>/packages/runtime/src/platform/engine.node.ts",
    "^adjoint$": "<rootDir>/packages/adjoint/src/index.ts",
    "^adjoint/([a-z]+)$": "<rootDir>/packages/adjoint/src/$1.ts",
    "^(\\.{1,2}/.*)\\.js$": "$1",
  },
  transform: {
    "^.+\\.ts$": ["ts-jest", { useESM: true, tsconfig: "<rootDir>/tsconfig.jest.json" }],
  },
};
