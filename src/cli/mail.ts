/** `igarape mail`: the e-mails that the server sent to nobody but its own mailbox. */
import type { Command } from './command.ts'
import { clientHelp, readClientFlags } from './controlClient.ts'
import { paint } from './terminal.ts'

export interface Mail {
  id: string
  to: string
  from: string
  subject: string
  body: string
  sentAt: number | string
}

export const mail: Command = {
  usage: `igarape mail             shows the e-mails kept, the oldest first
igarape mail --to WHO    those to one address

E-mails leave for a real server with \`igarape start --smtp-url smtp://…\`.

${clientHelp}`,

  async run(given) {
    const { control, own } = readClientFlags(given, { to: 'string' })
    const { messages } = await control.get<{ messages: Mail[] }>('/mail')
    const found = messages.filter((message) => own.to === undefined || message.to === own.to)
    if (own.json) console.log(JSON.stringify(found, null, 2))
    else console.log(found.length === 0 ? 'No e-mails.' : found.map(drawMail).join('\n\n'))
    return 0
  },
}

export function drawMail(message: Mail): string {
  const sent = new Date(message.sentAt).toISOString()
  const head = `${paint.dim('To:')} ${message.to}  ${paint.dim(sent)}\n${paint.dim('Subject:')} ${paint.bold(message.subject)}`
  const body = message.body.trimEnd().split('\n')
  return [head, ...body.map((line) => `${paint.dim('│')} ${line}`)].join('\n')
}
