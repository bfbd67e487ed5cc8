/** A field that narrows what is shown; `/` goes to it. It waits for the end of a word before it asks the server. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { Icon } from './icons.tsx'

const restMillis = 180

export function Filter({
  value,
  onInput,
  label,
}: {
  value: string
  onInput: (words: string) => void
  label: string
}): JSX.Element {
  const [words, setWords] = useState(value)
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined)
  useEffect(() => setWords(value), [value])
  useEffect(() => () => clearTimeout(timer.current), [])
  return (
    <span class="filter">
      <Icon name="search" />
      <input
        class="field"
        type="search"
        placeholder={label}
        aria-label={label}
        value={words}
        onInput={(event) => {
          const typed = event.currentTarget.value
          setWords(typed)
          clearTimeout(timer.current)
          timer.current = setTimeout(() => onInput(typed), restMillis)
        }}
      />
    </span>
  )
}
