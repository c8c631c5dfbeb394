import { defineConfig } from 'vitest/config';

const project = (name: string, include: string[], testTimeout: number) => ({
  test: {
    ...{ name, include, testTimeout, hookTimeout: testTimeout, environment: 'node' as const },
    // Instead of one second, which a busy machine may need for anything.
    expect: { poll: { timeout: testTimeout / 2 } },
  },
});

/** One project per kind of test; `npm run check` runs the quick ones, `npm test` all of them. */
export default defineConfig({
  test: {
    projects: [
      project(
        'unit',
        [
          'gateway/**/*.test.ts',
          'dialplan/**/*.test.ts',
          'webclient/**/*.test.ts',
          'test/support/**/*.test.ts',
        ],
        30_000,
      ),
      project('contract', ['test/contract/**/*.test.ts'], 30_000),
      project('scenario', ['test/scenario/**/*.test.ts'], 30_000),
      project('integration', ['test/integration/**/*.test.ts'], 60_000),
      project('interop', ['test/interop/**/*.test.ts'], 60_000),
      project('e2e', ['test/e2e/**/*.test.ts'], 120_000),
    ],
  },
});
