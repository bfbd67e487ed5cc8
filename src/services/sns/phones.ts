/** Phone numbers: who opted out, the settings of text messages, and how one is kept (outbox.ts). */
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { NotImplemented } from '../../wire/errors.ts'
import { tokenOf } from '../pages.ts'
import { operations } from '../service.ts'
import type { Draft } from './messages.ts'
import { keepForPhone, textsOf } from './outbox.ts'
import type { Published } from './publishing.ts'
import { invalid } from './refusals.ts'
import { keyIn } from './topics.ts'

interface OptedOut {
  phoneNumber: string
  at: number
}

const optedOut = collection<OptedOut>('sns/opted-out', { version: 1, key: ({ phoneNumber }) => [phoneNumber] })

/** One record a region: AWS has one set of settings a region. */
const settings = collection<{ name: 'sms'; attributes: Record<string, string> }>('sns/sms-settings', {
  version: 1,
  key: ({ name }) => [name],
})

/** E.164, with or without the plus sign that it begins with. */
const phoneNumber = /^\+?[1-9]\d{1,14}$/
const pageSize = 100
const smsBytesMax = 1_600

export function isPhoneNumber(text: string): boolean {
  return phoneNumber.test(text)
}

const senderId = /^(?=.*[A-Za-z])[A-Za-z0-9-]{1,11}$/
const smsType = /^(Promotional|Transactional)$/

/** Maps, because a client may name an attribute `constructor`. */
const attributeRules = new Map([
  ['MonthlySpendLimit', /^\d+$/],
  ['DefaultSenderID', senderId],
  ['DefaultSMSType', smsType],
])

/** Of one message, in the place of the settings: SNS Developer Guide, "Publishing SMS messages to a mobile phone". */
const messageRules = new Map([
  ['AWS.SNS.SMS.SenderID', senderId],
  ['AWS.SNS.SMS.SMSType', smsType],
  ['AWS.SNS.SMS.MaxPrice', /^\d*\.?\d+$/],
])

/** Nothing is sent, so there is nothing that a log or a report could tell. */
const absentAttributes = new Set(['DeliveryStatusIAMRole', 'DeliveryStatusSuccessSamplingRate', 'UsageReportS3Bucket'])

export const phoneOperations = operations('sns', {
  async SetSMSAttributes(input, ctx) {
    for (const [name, value] of Object.entries(input.attributes)) {
      if (absentAttributes.has(name)) throw NotImplemented(`SNS ${name}`)
      if (!attributeRules.get(name)?.test(value)) throw invalid(attributeRules.has(name) ? name : 'attributes')
    }
    await ctx.commit((tx) => {
      const before = tx.in(settings).get('sms')?.attributes
      tx.in(settings).put({ name: 'sms', attributes: { ...before, ...input.attributes } })
    })
    return {}
  },

  async GetSMSAttributes(input, ctx) {
    const all = ctx.in(settings).get('sms')?.attributes ?? {}
    const { attributes: wanted } = input
    if (!wanted || wanted.length === 0) return { attributes: all }
    return { attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted.includes(name))) }
  },

  async CheckIfPhoneNumberIsOptedOut(input, ctx) {
    mustBePhoneNumber(input.phoneNumber)
    return { isOptedOut: ctx.in(optedOut).has(input.phoneNumber) }
  },

  async ListPhoneNumbersOptedOut(input, ctx) {
    const after = input.nextToken ? keyIn(input.nextToken) : undefined
    const found = [...ctx.in(optedOut).list({ ...(after && { after }), limit: pageSize + 1 })]
    const page = found.slice(0, pageSize).map((one) => one.phoneNumber)
    return {
      phoneNumbers: page,
      ...(found.length > pageSize && { nextToken: tokenOf([page.at(-1) ?? '']) }),
    }
  },

  async OptInPhoneNumber(input, ctx) {
    mustBePhoneNumber(input.phoneNumber)
    await ctx.commit((tx) => tx.in(optedOut).delete(input.phoneNumber))
    return {}
  },
})

/** Errors: InvalidParameter. */
export function mustBePhoneNumber(text: string): void {
  if (!isPhoneNumber(text)) throw invalid(`PhoneNumber Reason: ${text} is not valid to publish to`)
}

/** Kept in the outbox, as AWS would hand it to a carrier; a number that opted out gets nothing. */
export function sendSms(tx: Tx, to: string, published: Published, draft: Pick<Draft, 'attributes'> & { text: string }) {
  if (tx.in(optedOut).has(to)) return
  keepForPhone(tx, { id: published.id, kind: 'sms', to, text: draft.text, ...textsOf(draft.attributes) })
}

/** Errors: InvalidParameter for what is too long for a text message, and for attributes that no carrier could be told. */
export function mustBeSms({ message, attributes }: Draft): void {
  if (Buffer.byteLength(message) > smsBytesMax) throw invalid('Message Reason: Message too long')
  for (const [name, rule] of messageRules) {
    const value = attributes[name]?.StringValue
    if (value !== undefined && !rule.test(value)) throw invalid(name)
  }
}
