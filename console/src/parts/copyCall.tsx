/** What a page asks of AWS, to be taken along: the same call for a shell and for a program. */
import type { JSX } from 'preact'
import { useEffect, useRef, useState } from 'preact/hooks'
import { t } from '../language/text.ts'
import { Button } from './blocks.tsx'
import { boto3Call, type Call, shellCommand } from './callTexts.ts'
import { say } from './toasts.tsx'

export function CopyCall({ call }: { call: Call }): JSX.Element {
  const [isOpen, open] = useState(false)
  const place = useRef<HTMLSpanElement>(null)
  useEffect(() => {
    if (!isOpen) return
    const away = (event: Event) => {
      const isKey = event instanceof KeyboardEvent
      if (isKey ? event.key === 'Escape' : !place.current?.contains(event.target as Node)) open(false)
    }
    addEventListener('click', away)
    addEventListener('keydown', away)
    return () => {
      removeEventListener('click', away)
      removeEventListener('keydown', away)
    }
  }, [isOpen])
  const take = (text: string) => {
    open(false)
    navigator.clipboard.writeText(text).then(
      () => say(t('Copied.')),
      () => say(t('This browser lets nothing be copied from here.'), 'bad'),
    )
  }
  return (
    <span ref={place} class="copy-call">
      <Button icon="copy" label={t('Copy the call')} pressed={isOpen} onClick={() => open(!isOpen)} />
      {isOpen && (
        <span class="copy-menu">
          <Button onClick={() => take(shellCommand(call))}>AWS CLI</Button>
          <Button onClick={() => take(boto3Call(call))}>boto3</Button>
        </span>
      )}
    </span>
  )
}
