/** `igarape outbox`: text messages and push notifications, which are kept here and reach no phone. */
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'
import { paint } from './terminal.ts'

interface OutboxMessage {
  kind: 'sms' | 'push'
  to: string
  text: string
  keptAt: number
}

export const outbox: Command = {
  usage: `igarape outbox             shows the text messages and push notifications kept, the oldest first
igarape outbox --to WHO    those to one phone number or endpoint

They are kept here, and sent to no phone.

${clientHelp}`,

  async run(given) {
    const { control, own } = readClientFlags(given, { to: 'string' })
    const { messages } = await control.get<{ messages: OutboxMessage[] }>('/outbox')
    const found = messages.filter((message) => own.to === undefined || message.to === own.to)
    if (own.json) console.log(JSON.stringify(found, null, 2))
    else console.log(found.length === 0 ? 'No messages.' : found.map(drawMessage).join('\n\n'))
    return 0
  },
}

function drawMessage({ kind, to, text, keptAt }: OutboxMessage): string {
  const head = `${paint.bold(kind)} ${paint.dim('to')} ${to}  ${paint.dim(new Date(keptAt).toISOString())}`
  return [head, ...text.split('\n').map((line) => `${paint.dim('│')} ${line}`)].join('\n')
}
