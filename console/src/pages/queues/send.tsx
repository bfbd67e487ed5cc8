/** A message of one's own, to see what happens. */
import type { JSX } from 'preact'
import { t } from '../../language/text.ts'
import { Button } from '../../parts/blocks.tsx'
import { act } from '../../parts/toasts.tsx'
import { aws } from '../../server/aws.ts'
import type { Queue } from './queuesPage.tsx'

export function Send({ queue }: { queue: Queue }): JSX.Element {
  const isFifo = queue.name.endsWith('.fifo')
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const { body, group } = Object.fromEntries(new FormData(form)) as Record<string, string>
    const ofFifo = isFifo && {
      MessageGroupId: group,
      MessageDeduplicationId: crypto.getRandomValues(new Uint32Array(2)).join('-'),
    }
    const isDone = await act(
      () => aws('sqs', 'SendMessage', { QueueUrl: queue.url, MessageBody: body, ...ofFifo }),
      t('Sent to {name}.', { name: queue.name }),
    )
    if (isDone) form.reset()
  }
  return (
    <form class="inline-form" onSubmit={send}>
      {isFifo && (
        <label class="named">
          {t('Group')}
          <input class="field" name="group" required value="a" />
        </label>
      )}
      <label class="named" style={{ flex: 1 }}>
        {t('A message of your own')}
        <input class="field" name="body" required placeholder="{}" autocomplete="off" />
      </label>
      <Button type="submit">{t('Send')}</Button>
    </form>
  )
}
