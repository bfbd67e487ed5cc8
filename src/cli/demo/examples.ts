/** The pipelines that `igarape demo NAME` shows; without a name, the first. */
import type { Example } from './example.ts'
import { logs } from './logs.ts'
import { quality } from './quality.ts'
import { reconciliation } from './reconciliation.ts'
import { sales } from './sales/sales.ts'

export const examples: readonly [Example, ...Example[]] = [sales, logs, reconciliation, quality]
