/** A call by hand: a payload, and what came back with the last lines of the log. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../../language/text.ts'
import { Badge, Button, Card } from '../../parts/blocks.tsx'
import { Editor } from '../../parts/editor.tsx'
import { Json } from '../../parts/json.tsx'
import { say } from '../../parts/toasts.tsx'
import { aws, type Output } from '../../server/aws.ts'
import { tellChanged } from '../../server/live.ts'

export function Try({ name }: { name: string }): JSX.Element {
  const [payload, setPayload] = useState('{}')
  const [isRunning, setRunning] = useState(false)
  const [answer, setAnswer] = useState<Output>()
  const call = async () => {
    setRunning(true)
    try {
      setAnswer(await aws('lambda', 'Invoke', { FunctionName: name, Payload: toBase64(payload), LogType: 'Tail' }))
      tellChanged()
    } catch (error) {
      say((error as Error).message, 'bad')
    }
    setRunning(false)
  }
  return (
    <Card
      flush
      title={t('Call it')}
      actions={
        <Button kind="primary" icon="play" disabled={isRunning} onClick={() => void call()}>
          {isRunning ? t('Running …') : t('Call')}
        </Button>
      }
    >
      <Editor
        value={payload}
        kind="json"
        label={t('Payload')}
        height={130}
        onChange={setPayload}
        onRun={() => void call()}
      />
      {answer && (
        <div class="opened">
          <div class="row">
            <Badge tone={answer.FunctionError ? 'bad' : 'ok'}>{answer.FunctionError ?? answer.StatusCode}</Badge>
          </div>
          <Json value={answer.Payload ? fromBase64(answer.Payload) : ''} label={t('Answer')} />
          {answer.LogResult && <Json value={fromBase64(answer.LogResult)} label={t('Logs')} />}
        </div>
      )}
    </Card>
  )
}

function toBase64(text: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(text)))
}

function fromBase64(text: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(text), (character) => character.charCodeAt(0)))
}
