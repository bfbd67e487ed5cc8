/**
 * Data that stays fresh: asked for again while the page is looked at, less often when nothing changes or the server is
 * away, and kept, so that a page that is come back to shows at once what it showed before.
 */
import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { Problem } from './control.ts'

export interface Live<T> {
  data: T | undefined
  problem: Problem | undefined
  /** Asks again now. */
  refresh(): void
}

interface Kept {
  json: string
  data: unknown
}

const kept = new Map<string, Kept>()
const keptMax = 60
const everyMillisMax = 20_000
const slower = 1.35

/** `key` names what is asked for; a new key shows what was kept under it, or nothing. Undefined asks for nothing. */
export function useLive<T>(key: string | undefined, load: () => Promise<T>, everyMillis = 3_000): Live<T> {
  const [, redraw] = useState(0)
  const state = useRef<{ key?: string; problem?: Problem; json?: string }>({})
  const loader = useRef(load)
  loader.current = load
  const again = useRef(() => {})
  if (state.current.key !== key) state.current = key === undefined ? {} : { key }

  useEffect(() => {
    if (key === undefined) return
    let timer: ReturnType<typeof setTimeout> | undefined
    let isOver = false
    let pause = everyMillis
    const look = async () => {
      clearTimeout(timer)
      const changed = await ask(key, loader.current, state.current)
      if (isOver) return
      if (changed) redraw((count) => count + 1)
      pause = changed && !state.current.problem ? everyMillis : Math.min(pause * slower, everyMillisMax)
      if (everyMillis > 0 && !document.hidden) timer = setTimeout(look, pause)
    }
    const wake = () => {
      pause = everyMillis
      if (!document.hidden) void look()
    }
    again.current = wake
    document.addEventListener('visibilitychange', wake)
    addEventListener('igarape:changed', wake)
    void look()
    return () => {
      isOver = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', wake)
      removeEventListener('igarape:changed', wake)
    }
  }, [key, everyMillis])

  const refresh = useCallback(() => again.current(), [])
  const data = key === undefined ? undefined : (kept.get(key)?.data as T | undefined)
  return { data, problem: state.current.problem, refresh }
}

/** Whether there is something else to show than before. */
async function ask(
  key: string,
  load: () => Promise<unknown>,
  state: { key?: string; problem?: Problem; json?: string },
): Promise<boolean> {
  try {
    const data = await load()
    if (state.key !== key) return false
    const json = JSON.stringify(data)
    const wasBroken = state.problem !== undefined
    delete state.problem
    if (state.json === json && !wasBroken) return false
    state.json = json
    keep(key, { json, data })
    return true
  } catch (error) {
    if (state.key !== key) return false
    const problem = error instanceof Problem ? error : new Problem('Error', String((error as Error).message), 500)
    const isNew = state.problem?.message !== problem.message
    state.problem = problem
    return isNew
  }
}

function keep(key: string, entry: Kept): void {
  kept.delete(key)
  kept.set(key, entry)
  for (const oldest of kept.keys()) {
    if (kept.size <= keptMax) return
    kept.delete(oldest)
  }
}

/** Something was changed from here: whatever is shown looks again at once. */
export function tellChanged(): void {
  dispatchEvent(new Event('igarape:changed'))
}
