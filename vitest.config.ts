import { defineConfig } from 'vitest/config';

const minutes = 60_000;

/**
 * `unit` needs no kernel; `integration` boots real ones, two at a time, since an emulator takes one
 * processor and counts do not depend on what else runs; `e2e` drives the desktop app; `slow`
 * builds kernels.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['test/unit/**/*.test.ts', 'test/property/**/*.test.ts'],
          exclude: ['test/**/*.slow.test.ts'],
          testTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: ['test/**/*.slow.test.ts'],
          globalSetup: 'test/support/global-setup.ts',
          maxWorkers: 2,
          testTimeout: 10 * minutes,
          hookTimeout: 20 * minutes,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['test/e2e/**/*.test.ts'],
          globalSetup: 'test/support/display.ts',
          fileParallelism: false,
          testTimeout: minutes,
          hookTimeout: minutes,
        },
      },
      {
        test: {
          name: 'slow',
          include: ['test/**/*.slow.test.ts'],
          fileParallelism: false,
          testTimeout: 30 * minutes,
          hookTimeout: 30 * minutes,
        },
      },
    ],
  },
});
