/** What a server's log events measured, as it was handed to whoever keeps metrics. */
import { type Measurement, metricSink } from '../../src/delivery/metrics.ts'
import type { Igarape } from '../../src/testkit/server.ts'

export type Measured = Measurement & { namespace: string }

export function measurementsOf({ server: { platform } }: Igarape): Measured[] {
  const seen: Measured[] = []
  const sink = platform.use(metricSink)
  const put = sink.put.bind(sink)
  sink.put = (tx, namespace, measurements) => {
    seen.push(...measurements.map((one) => ({ namespace, ...one })))
    put(tx, namespace, measurements)
  }
  return seen
}
