/** A field for code. Until the editor has come, and where it cannot, what was written is shown plainly. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import type { Kind, Editor as Made } from './codeMirror.ts'

interface Props {
  value: string
  kind: Kind
  label: string
  hint?: string
  height?: number
  schema?: Record<string, string[]>
  onChange: (value: string) => void
  onRun?: () => void
}

export function Editor(props: Props): JSX.Element {
  const { value, kind, label, hint, height = 180, schema } = props
  const place = useRef<HTMLDivElement>(null)
  const made = useRef<Made | undefined>(undefined)
  const latest = useRef(props)
  latest.current = props
  const [isThere, setThere] = useState(false)

  useEffect(() => {
    let isOver = false
    import('./codeMirror.ts').then(({ makeEditor }) => {
      if (isOver || !place.current) return
      made.current = makeEditor({
        parent: place.current,
        value: latest.current.value,
        kind,
        label,
        hint,
        onChange: (text) => latest.current.onChange(text),
        onRun: () => latest.current.onRun?.(),
      })
      if (latest.current.schema) made.current.setSchema(latest.current.schema)
      setThere(true)
    })
    return () => {
      isOver = true
      made.current?.destroy()
    }
  }, [kind])
  useEffect(() => made.current?.set(value), [value])
  useEffect(() => {
    if (schema) made.current?.setSchema(schema)
  }, [schema])

  return (
    <div class="editor" style={{ height: `${height}px` }}>
      <div ref={place} class="editor-place" />
      {!isThere && (
        <textarea aria-label={label} value={value} onInput={(event) => props.onChange(event.currentTarget.value)} />
      )}
    </div>
  )
}
