/** Event buses. Every account and region has the bus `default` without making it; a record of it holds only what was set. */
import type { Tag } from '@aws-sdk/client-eventbridge'
import type { Millis } from '../../clock.ts'
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { collection, type Records, type Scope } from '../../store/collection.ts'
import { awsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { checkDeadLetter } from './deadLetters.ts'
import { checkKey } from './kmsKeys.ts'
import { pageOf } from './pages.ts'
import type { PolicyStatement } from './permissions.ts'
import { router } from './routing.ts'
import { checkTags } from './tags.ts'

export interface EventBus {
  name: string
  createdAt: Millis
  modifiedAt: Millis
  description?: string
  kmsKeyIdentifier?: string
  deadLetterArn?: Arn
  /** Who may put events here, beside the account itself. */
  statements: PolicyStatement[]
  tags: Tag[]
}

export const buses = collection<EventBus>('eventbridge/buses', {
  version: 1,
  kept: true,
  key: (bus) => [bus.name],
})

const { ResourceAlreadyExistsException, ResourceNotFoundException } = awsErrors('eventbridge')
export const defaultBus = 'default'

export function busArn(name: string, { account, region }: Scope): Arn {
  return `arn:aws:events:${region}:${account}:event-bus/${name}`
}

/** A request names a bus by its name or its ARN, or means the default one. */
export function busName(nameOrArn: string | undefined): string {
  if (nameOrArn === undefined) return defaultBus
  return parseArn(nameOrArn)?.resource.replace(/^event-bus\//, '') ?? nameOrArn
}

export function getBus(records: Records<EventBus>, name: string): EventBus | undefined {
  const untouched = { name, createdAt: 0, modifiedAt: 0, statements: [], tags: [] }
  return records.get(name) ?? (name === defaultBus ? untouched : undefined)
}

/** Errors: ResourceNotFoundException. */
export function mustGetBus(records: Records<EventBus>, name: string): EventBus {
  const bus = getBus(records, name)
  if (!bus) throw ResourceNotFoundException(`Event bus ${name} does not exist.`)
  return bus
}

export const busOperations = operations('eventbridge', {
  async CreateEventBus(input, ctx) {
    const name = input.Name
    if (input.EventSourceName !== undefined || name.startsWith('aws.partner/')) {
      throw NotImplemented(`A partner event bus of EventBridge (${name})`)
    }
    if (name.includes('/') || name.startsWith('aws.')) {
      throw awsError('ValidationException', `Event bus name must not contain '/' or begin with 'aws.'.`)
    }
    checkTags(input.Tags ?? [])
    await checkSettings(input, ctx)
    const now = ctx.clock.now()
    await ctx.commit((tx) => {
      if (getBus(tx.in(buses), name)) throw ResourceAlreadyExistsException(`Event bus ${name} already exists.`)
      tx.in(buses).put({
        name,
        createdAt: now,
        modifiedAt: now,
        statements: [],
        tags: input.Tags ?? [],
        ...settings(input),
      })
      router(tx).busChanged(tx, name)
    })
    return { EventBusArn: busArn(name, ctx), ...outputOf(settings(input)) }
  },

  async UpdateEventBus(input, ctx) {
    const name = busName(input.Name)
    await checkSettings(input, ctx)
    const changed = await ctx.commit((tx) => {
      const bus = mustGetBus(tx.in(buses), name)
      const after = { ...bus, ...settings(input), createdAt: bus.createdAt || tx.now, modifiedAt: tx.now }
      tx.in(buses).put(after)
      return after
    })
    return { Arn: busArn(name, ctx), Name: name, ...outputOf(changed) }
  },

  async DescribeEventBus(input, ctx) {
    const bus = mustGetBus(ctx.in(buses), busName(input.Name))
    return { ...summary(bus, ctx), ...outputOf(bus) }
  },

  async ListEventBuses(input, ctx) {
    const stored = [...ctx.in(buses).list({ startsWith: input.NamePrefix ?? '' })]
    const isDefaultWanted = defaultBus.startsWith(input.NamePrefix ?? '')
    const missing = isDefaultWanted && !stored.some(({ name }) => name === defaultBus)
    const found = missing ? [mustGetBus(ctx.in(buses), defaultBus), ...stored] : stored
    const all = found.sort((left, right) => (left.name < right.name ? -1 : 1))
    const { items, nextToken } = pageOf(all, (bus) => [bus.name], { token: input.NextToken, limit: input.Limit })
    return { EventBuses: items.map((bus) => summary(bus, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },
})

interface Settings {
  description?: string
  kmsKeyIdentifier?: string
  deadLetterArn?: Arn
}

interface SettingsInput {
  Description?: string | undefined
  KmsKeyIdentifier?: string | undefined
  DeadLetterConfig?: { Arn?: string | undefined } | undefined
  LogConfig?: { Level?: string | undefined } | undefined
}

/** Errors: ValidationException, NotImplemented. */
async function checkSettings(input: SettingsInput, ctx: Context): Promise<void> {
  if ((input.LogConfig?.Level ?? 'OFF') !== 'OFF') throw NotImplemented('The log of an event bus (LogConfig)')
  checkDeadLetter(input.DeadLetterConfig?.Arn)
  await checkKey(ctx, input.KmsKeyIdentifier)
}

function settings(input: SettingsInput): Settings {
  return {
    ...(input.Description !== undefined && { description: input.Description }),
    ...(input.KmsKeyIdentifier !== undefined && { kmsKeyIdentifier: input.KmsKeyIdentifier }),
    ...(input.DeadLetterConfig?.Arn !== undefined && { deadLetterArn: input.DeadLetterConfig.Arn }),
  }
}

function outputOf({ description, kmsKeyIdentifier, deadLetterArn }: Settings) {
  return {
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyIdentifier !== undefined && { KmsKeyIdentifier: kmsKeyIdentifier }),
    ...(deadLetterArn !== undefined && { DeadLetterConfig: { Arn: deadLetterArn } }),
  }
}

function summary(bus: EventBus, ctx: Context) {
  const { name, createdAt, modifiedAt, statements, description } = bus
  return {
    Name: name,
    Arn: busArn(name, ctx),
    ...(description !== undefined && { Description: description }),
    ...(statements.length > 0 && { Policy: JSON.stringify({ Version: '2012-10-17', Statement: statements }) }),
    ...(createdAt > 0 && { CreationTime: new Date(createdAt), LastModifiedTime: new Date(modifiedAt) }),
  }
}
