const project = (name, folders, extra = {}) => ({
  displayName: name,
  testEnvironment: "node",
  testMatch: folders.map((folder) => `<rootDir>/tests/${folder}/**/*.test.ts`),
  transform: {
    "^.+\\.ts$": ["@swc/jest", { jsc: { target: "es2022", parser: { syntax: "typescript" } } }],
  },
  extensionsToTreatAsEsm: [".ts"],
  moduleNameMapper: { "^(\\.{1,2}/.*)\\.js$": "$1" },
  modulePathIgnorePatterns: ["<rootDir>/.sandbox/"],
  ...extra,
});

/** Tests from cheap to dear: pure functions and mocks, the plan, the sandbox. */
export default {
  projects: [
    project("unit", ["components", "emulator", "tools", "repository"]),
    project("sandbox", ["sandbox"], { globalSetup: "<rootDir>/tests/sandbox/tools.mjs" }),
  ],
  // A slow machine is no failure; jest takes this for all projects only.
  testTimeout: 120_000,
};
