/** Wait conditions: a stack waits until enough signals have been PUT to the URL that their handle is. */
import { collection } from '../../store/collection.ts'
import { resource } from '../resource.ts'
import { route } from '../route.ts'
import type { Made, SlowChange, SlowType } from './attempts.ts'
import { wake } from './customResources.ts'
import type { StepItem } from './deployments.ts'
import { isObject, textOf } from './templates.ts'

interface Handle {
  token: string
  scope: { account: string; region: string }
  signals: { uniqueId: string; isSuccess: boolean; reason: string; data: string }[]
  waiter?: StepItem
}

const handles = collection<Handle>('cloudformation/wait-handles', {
  version: 1,
  scope: 'global',
  key: (handle) => [handle.token],
})

const path = '/_igarape/cloudformation/signals'
const signalsMax = 1000

export const waitConditionHandleResource = resource('AWS::CloudFormation::WaitConditionHandle', {
  async create(_properties, r) {
    const scope = { account: r.account, region: r.region }
    await r.commit((tx) => {
      if (!tx.in(handles).has(r.token)) tx.in(handles).put({ token: r.token, scope, signals: [] })
    })
    return { id: `${r.ctx.caller.endpoint}${path}/${r.token}` }
  },
  update: async (id) => ({ id }),
  async delete(id, _properties, r) {
    await r.commit((tx) => tx.in(handles).delete(tokenOf(id)))
  },
})

/** CDK's note of which constructs made a template; AWS keeps it and does nothing. */
export const metadataResource = resource('AWS::CDK::Metadata', {
  create: async (_properties, r) => ({ id: r.generatedName({ max: 64 }) }),
  update: async (id) => ({ id }),
  delete: async () => {},
})

export const waitConditions: SlowType = {
  timeoutSeconds: (properties) => Math.min(Number(properties.Timeout ?? 0), 43_200),

  async begin({ ctx, kind, properties, item }) {
    if (kind !== 'Create') return
    await ctx.commit((tx) => {
      const handle = tx.in(handles).get(tokenOf(textOf(properties.Handle ?? '')))
      if (handle) tx.in(handles).put({ ...handle, waiter: item })
    })
  },

  outcome(change) {
    if (change.kind === 'Delete') return {}
    if (change.kind === 'Update') {
      return { failure: 'Update to resource type AWS::CloudFormation::WaitCondition is not supported.' }
    }
    return created(change)
  },

  timedOut(change) {
    const { signals = [] } = handleOf(change) ?? {}
    const expected = Number(change.properties.Count ?? 1)
    return {
      failure: `WaitCondition timed out. Received ${signals.length} conditions when expecting ${expected}`,
    }
  },
}

function created(change: SlowChange): Made | undefined {
  const handle = handleOf(change)
  if (!handle) return { failure: 'WaitCondition requires a Handle of type AWS::CloudFormation::WaitConditionHandle.' }
  const failed = handle.signals.find((signal) => !signal.isSuccess)
  if (failed) {
    return { failure: `WaitCondition received failed message: '${failed.reason}' for uniqueId: ${failed.uniqueId}` }
  }
  if (handle.signals.length < Number(change.properties.Count ?? 1)) return undefined
  const data = Object.fromEntries(handle.signals.map((signal) => [signal.uniqueId, signal.data]))
  return {
    physicalId: `${change.stack.arn}/${change.logicalId}/${change.token}`,
    attributes: { Data: JSON.stringify(data) },
  }
}

function handleOf({ reader, properties }: SlowChange): Handle | undefined {
  return reader.in(handles).get(tokenOf(textOf(properties.Handle ?? '')))
}

function tokenOf(url: string): string {
  return url.slice(url.lastIndexOf('/') + 1)
}

export const signalRoute = route('PUT', `${path}/:token`, async (request, platform) => {
  const handle = platform.store.in(handles, platform.options).get(request.parameters.token ?? '')
  if (!handle) return { status: 404, headers: {}, body: '' }
  const signal = readSignal(await request.body())
  if (!signal) return { status: 400, headers: {}, body: 'A signal is a JSON object with Status and UniqueId.\n' }
  await platform.context(handle.scope).commit((tx) => {
    const present = tx.in(handles).get(handle.token)
    if (!present || present.signals.length >= signalsMax) return
    if (present.signals.some((one) => one.uniqueId === signal.uniqueId)) return
    tx.in(handles).put({ ...present, signals: [...present.signals, signal] })
    if (present.waiter) wake(tx, present.waiter)
  })
  return { status: 200, headers: {}, body: '' }
})

function readSignal(body: Uint8Array): Handle['signals'][number] | undefined {
  try {
    const signal: unknown = JSON.parse(new TextDecoder().decode(body))
    if (!isObject(signal) || typeof signal.UniqueId !== 'string') return undefined
    return {
      uniqueId: signal.UniqueId,
      isSuccess: signal.Status === 'SUCCESS',
      reason: textOf(signal.Reason ?? ''),
      data: textOf(signal.Data ?? ''),
    }
  } catch {
    return undefined
  }
}
