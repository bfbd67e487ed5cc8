/** `test` with a server: one a file, emptied between tests. It is the fixture that users get, with its inside. */
import { test as base } from 'vitest'
import type { Igarape } from '../src/testkit/server.ts'
import { igarapeFixture } from '../src/testkit/testing.ts'

export const test = base.extend<{ igarape: Igarape; igarapeServer: Igarape }>(igarapeFixture as never)
