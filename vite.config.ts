import { defineConfig } from 'vitest/config'

const E2E = { testTimeout: 180_000, hookTimeout: 120_000 }
/** These wait for blocks most of their time: two at once. */
const WAITING = ['e2e/paid-*.test.ts', 'e2e/free-riders*.test.ts', 'e2e/headless-records.test.ts']

// `base: './'` and hash routes let the built site work from any folder of any static host.
export default defineConfig({
  root: 'client/ui',
  base: './',
  build: { outDir: '../../dist/site', emptyOutDir: true, target: 'es2023', sourcemap: true },
  resolve: { alias: { 'simple-peer': 'simple-peer/simplepeer.min.js' } },
  test: {
    root: '.',
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{shared,tracker,devchain,client,scripts,bench}/**/*.test.ts'],
          testTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'e2e',
          include: ['e2e/**/*.test.ts'],
          exclude: WAITING,
          ...E2E,
          // Each file starts browsers and servers of its own; two cores carry one such file at a time.
          fileParallelism: false,
          // After the unit tests, not beside them.
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          name: 'e2e-pay',
          include: WAITING,
          ...E2E,
          maxWorkers: 2,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
