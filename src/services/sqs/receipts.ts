/** Receipt handles: which message, and which of its receives. Opaque to clients, readable to us without a look-up. */
import { awsErrors } from '../../wire/errors.ts'
import type { Message } from './storage.ts'

const { ReceiptHandleIsInvalid } = awsErrors('sqs')

export interface Receipt {
  storage: string
  sequence: number
  receives: number
}

export function receiptOf(queue: string, { storage, sequence, receives }: Message): string {
  return Buffer.from(`${queue} ${storage} ${sequence} ${receives}`).toString('base64')
}

/** Errors: ReceiptHandleIsInvalid where it was not made for this queue. */
export function readReceipt(queue: string, handle: string): Receipt {
  const [name, storage, sequence, receives] = Buffer.from(handle, 'base64').toString('utf8').split(' ')
  if (name !== queue || !storage || !/^\d+$/.test(sequence ?? '') || !/^\d+$/.test(receives ?? '')) {
    throw ReceiptHandleIsInvalid(`The input receipt handle "${handle}" is not a valid receipt handle.`)
  }
  return { storage, sequence: Number(sequence), receives: Number(receives) }
}
