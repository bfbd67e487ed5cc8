/** What was done, or why not, said for a moment in the corner. */
import type { JSX } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { tellChanged } from '../server/live.ts'
import { Icon } from './icons.tsx'

interface Toast {
  id: number
  tone: 'ok' | 'bad'
  words: string
}

const shownMillis = 5_000
let last = 0

export function say(words: string, tone: Toast['tone'] = 'ok'): void {
  dispatchEvent(new CustomEvent('igarape:toast', { detail: { id: ++last, tone, words } }))
}

/** Does something that changes the server, and says how it went. Answers whether it went well. */
export async function act(work: () => Promise<unknown>, done: string): Promise<boolean> {
  try {
    await work()
    say(done)
    tellChanged()
    return true
  } catch (error) {
    say((error as Error).message, 'bad')
    return false
  }
}

export function Toasts(): JSX.Element {
  const [toasts, setToasts] = useState<Toast[]>([])
  useEffect(() => {
    const add = (event: Event) => {
      const toast = (event as CustomEvent<Toast>).detail
      setToasts((all) => [...all.slice(-3), toast])
      setTimeout(() => setToasts((all) => all.filter(({ id }) => id !== toast.id)), shownMillis)
    }
    addEventListener('igarape:toast', add)
    return () => removeEventListener('igarape:toast', add)
  }, [])
  return (
    <div class="toasts" role="status" aria-live="polite">
      {toasts.map(({ id, tone, words }) => (
        <div key={id} class={`toast ${tone}`}>
          <Icon name={tone === 'ok' ? 'check' : 'alert'} />
          <span>{words}</span>
        </div>
      ))}
    </div>
  )
}
