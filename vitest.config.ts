import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts', 'examples/*/test/**/*.test.ts'],
    globalSetup: 'test/console/built.ts',
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // A condition is waited for as long as a busy machine takes.
    expect: { poll: { timeout: 30_000 } },
    maxWorkers: 2,
    // A shared, slow machine may time one process out; what fails twice fails.
    retry: process.env.CI ? 1 : 0,
  },
})
