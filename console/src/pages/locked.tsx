/** Where requests must be signed, the console asks for the key once. */
import type { JSX } from 'preact'
import { useState } from 'preact/hooks'
import { t } from '../language/text.ts'
import { Button } from '../parts/blocks.tsx'
import { Mark } from '../parts/icons.tsx'
import { post } from '../server/control.ts'

export function Locked({ onOpen }: { onOpen: () => void }): JSX.Element {
  const [problem, setProblem] = useState('')
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    const given = Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement))
    post('console/session', given).then(onOpen, (error: Error) => setProblem(error.message))
  }
  return (
    <main class="locked">
      <form class="card" onSubmit={send}>
        <div class="row">
          <Mark />
          <h1>Igarapé</h1>
        </div>
        <p class="quiet-words">{t('This server demands signatures. Show the access key that it was started with.')}</p>
        <label class="named">
          {t('Access key')}
          <input class="field" name="accessKey" autocomplete="username" required />
        </label>
        <label class="named">
          {t('Secret')}
          <input class="field" name="secretKey" type="password" autocomplete="current-password" required />
        </label>
        {problem && (
          <p role="alert" class="badge bad">
            {problem}
          </p>
        )}
        <Button kind="primary" type="submit" icon="lock">
          {t('Open')}
        </Button>
      </form>
    </main>
  )
}
