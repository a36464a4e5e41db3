import { defineConfig } from 'vitest/config';

/** One project a suite; scripts/test.mjs runs them one by one, each within its budget. */
function suite(name: string, include: string[], testTimeout: number) {
  return { test: { name, include, testTimeout, hookTimeout: testTimeout } };
}

export default defineConfig({
  test: {
    projects: [
      suite('unit', ['src/**/*.test.ts', 'test/unit/**/*.test.ts'], 60_000),
      suite('golden', ['test/golden/**/*.test.ts'], 120_000),
      suite('server', ['test/server/**/*.test.ts'], 60_000),
      suite('package', ['test/package/**/*.test.ts'], 120_000),
      suite('fuzz', ['test/fuzz/**/*.test.ts'], 120_000),
      suite('peers', ['test/peers/**/*.test.ts'], 120_000),
      suite('browser', ['test/browser/**/*.test.ts'], 60_000),
    ],
  },
});
