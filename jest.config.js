'use strict';

/** @type {import('jest').Config} */
module.exports = {
  rootDir: __dirname,
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  // Two suites at once: most drive a server and wait for its answers, and the machines that run
  // them in CI have two cores.
  maxWorkers: 2,
  // Generous, because a busy machine must not fail a test: no test asserts on elapsed time.
  testTimeout: 30_000,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        // Inline maps keep stack traces and coverage on the lines of the TypeScript source.
        sourceMaps: 'inline',
        module: { type: 'commonjs' },
        jsc: {
          target: 'es2022',
          parser: { syntax: 'typescript' },
          transform: { useDefineForClassFields: true },
        },
      },
    ],
  },
  // dist holds the same modules once more; nothing is imported from it, processes are started.
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  collectCoverageFrom: ['src/**/*.ts'],
  coverageDirectory: 'coverage',
  coverageReporters: ['lcov', 'text'],
  coverageThreshold: { global: { lines: 90 } },
};
