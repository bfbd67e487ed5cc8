/**
 * How far a run is: what it has read and written is measured; how much of it that is can only be told by how long the job's last
 * runs took, for a script says nowhere what it will still do.
 */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { duration, number, t } from '../../language/text.ts'
import type { Output } from '../../server/aws.ts'
import { serverNow } from '../../server/clock.ts'

const lookedAt = 5
const lookMillis = 500

/** The middle one of the last runs that succeeded; undefined where none did. */
export function usualMillis(runs: readonly Output[]): number | undefined {
  const took = runs
    .filter(({ JobRunState }) => JobRunState === 'SUCCEEDED')
    .slice(0, lookedAt)
    .map(({ ExecutionTime }) => ExecutionTime * 1000)
    .sort((a, b) => a - b)
  return took[Math.floor(took.length / 2)]
}

export function Progress({ startedAt, usual }: { startedAt: number; usual: number | undefined }): JSX.Element {
  const took = useTaken(startedAt)
  // Longer than ever before is not done: the bar waits before its end.
  const percent = usual ? Math.min(99, Math.floor((took / usual) * 100)) : undefined
  const words =
    usual && percent !== undefined
      ? t('about {n} % of the usual {time}', { n: number(percent), time: duration(usual) })
      : t('running for {time}; there is no earlier run to compare with', { time: duration(took) })
  return (
    <div class="run-progress">
      <progress aria-label={t('Progress')} max={100} {...(percent !== undefined && { value: percent })} />
      <span>{words}</span>
    </div>
  )
}

/** By this browser's stopwatch since the page saw it, for the server's clock may stand still. */
function useTaken(startedAt: number): number {
  const [, redraw] = useState(0)
  const [seen] = useState(() => ({ at: performance.now(), before: Math.max(0, serverNow() - startedAt) }))
  useEffect(() => {
    const timer = setInterval(() => redraw((count) => count + 1), lookMillis)
    return () => clearInterval(timer)
  }, [])
  return seen.before + performance.now() - seen.at
}
