/** What a server's log events measured, as it was handed to whoever keeps metrics. */
import { type Measurement, metricSink } from '../../src/delivery/metrics.ts'
import { provide } from '../../src/delivery/singleton.ts'
import type { Igarape } from '../../src/testkit/server.ts'

export type Measured = Measurement & { namespace: string }

/** Call it before the first event is put. */
export function measurementsOf({ server: { platform } }: Igarape): Measured[] {
  const seen: Measured[] = []
  if (!platform.has(metricSink)) platform.provide(provide(metricSink, () => ({ put: () => undefined })))
  const sink = platform.use(metricSink)
  const put = sink.put.bind(sink)
  sink.put = (tx, namespace, measurements) => {
    seen.push(...measurements.map((one) => ({ namespace, ...one })))
    put(tx, namespace, measurements)
  }
  return seen
}
