/** The operations of platform endpoints. Names and words: SNS API Reference, "CreatePlatformEndpoint", "SetEndpointAttributes". */
import { createHash } from 'node:crypto'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { tokenOf } from '../pages.ts'
import { operations } from '../service.ts'
import { addressedApplication, mustGetApplication } from './platformApplications.ts'
import {
  endpointArn,
  endpointTokens,
  type PlatformEndpoint,
  platformEndpoints,
  readEndpointArn,
} from './platformEndpointRecords.ts'
import { invalid } from './refusals.ts'
import { keyIn } from './topics.ts'

const { NotFoundException } = awsErrors('sns')

const userDataBytesMax = 2_048
const tokenBytesMax = 4_096
const pageSize = 100
const appleToken = /^[0-9a-fA-F]{1,400}$/

export const platformEndpointOperations = operations('sns', {
  async CreatePlatformEndpoint(input, ctx) {
    const { place, platform, name } = addressedApplication(ctx, input.PlatformApplicationArn)
    const given = { Token: input.Token, ...input.Attributes }
    const wanted = changesFrom(platform, {
      ...given,
      ...(input.CustomUserData && { CustomUserData: input.CustomUserData }),
    })
    return place.commit((tx) => {
      mustGetApplication(tx, platform, name)
      const existing = ownerOf(tx, platform, name, wanted.token ?? '')
      if (existing) mustBeAs(tx, existing, { customUserData: '', ...wanted })
      const id = existing?.id ?? tx.random.uuid()
      const fresh = { platform, application: name, id, token: '', customUserData: '', isEnabled: true }
      if (!existing) putEndpoint(tx, { ...fresh, ...wanted })
      return { EndpointArn: endpointArn({ platform, application: name, id }, place) }
    })
  },

  async GetEndpointAttributes(input, ctx) {
    const { place, platform, application, id } = addressedEndpoint(ctx, input.EndpointArn)
    const endpoint = place.in(platformEndpoints).get(platform, application, id)
    if (!endpoint) throw NotFoundException('Endpoint does not exist')
    return { Attributes: shown(endpoint) }
  },

  async SetEndpointAttributes(input, ctx) {
    const { place, platform, application, id } = addressedEndpoint(ctx, input.EndpointArn)
    const changes = changesFrom(platform, input.Attributes)
    await place.commit((tx) => {
      const before = tx.in(platformEndpoints).get(platform, application, id)
      if (!before) throw NotFoundException('Endpoint does not exist')
      const owner = ownerOf(tx, platform, application, changes.token ?? before.token)
      if (owner && owner.id !== id) throw tokenTaken(tx, owner)
      tx.in(endpointTokens).delete(platform, application, hashOf(before.token))
      putEndpoint(tx, { ...before, ...changes })
    })
    return {}
  },

  /** Deleting what is gone is a success. Subscriptions of it stay, as on AWS, and fail. */
  async DeleteEndpoint(input, ctx) {
    const { place, platform, application, id } = addressedEndpoint(ctx, input.EndpointArn)
    await place.commit((tx) => {
      const endpoint = tx.in(platformEndpoints).get(platform, application, id)
      if (!endpoint) return
      tx.in(platformEndpoints).delete(platform, application, id)
      tx.in(endpointTokens).delete(platform, application, hashOf(endpoint.token))
    })
    return {}
  },

  async ListEndpointsByPlatformApplication(input, ctx) {
    const { place, platform, name } = addressedApplication(ctx, input.PlatformApplicationArn)
    mustGetApplication(place, platform, name)
    const after = input.NextToken ? [platform, name, ...keyIn(input.NextToken)] : undefined
    const range = { prefix: [platform, name], ...(after && { after }), limit: pageSize + 1 }
    const found = [...place.in(platformEndpoints).list(range)]
    const page = found.slice(0, pageSize)
    const last = page.at(-1)
    return {
      Endpoints: page.map((one) => ({ EndpointArn: endpointArn(one, place), Attributes: shown(one) })),
      ...(found.length > pageSize && last && { NextToken: tokenOf([last.id]) }),
    }
  },
})

type Changes = Partial<Pick<PlatformEndpoint, 'token' | 'customUserData' | 'isEnabled'>>

/** Errors: InvalidParameter in AWS's words. */
function changesFrom(platform: string, given: Record<string, string>): Changes {
  const changes: Changes = {}
  for (const [name, value] of Object.entries(given)) {
    if (name === 'Token') changes.token = mustBeToken(platform, value)
    else if (name === 'CustomUserData') changes.customUserData = mustBeUserData(value)
    else if (name === 'Enabled') changes.isEnabled = mustBeFlag(value)
    else throw invalid(`Attributes Reason: Invalid attribute name: ${name}`)
  }
  return changes
}

function mustBeToken(platform: string, token: string): string {
  if (/^(APNS|MACOS)/.test(platform) && !appleToken.test(token)) {
    throw invalid('Token Reason: iOS device tokens must be no more than 400 hexadecimal characters')
  }
  if (token === '' || Buffer.byteLength(token) > tokenBytesMax) throw invalid('Token')
  return token
}

function mustBeUserData(text: string): string {
  if (Buffer.byteLength(text) <= userDataBytesMax) return text
  throw invalid(`CustomUserData Reason: must be at most ${userDataBytesMax} bytes long in UTF-8 encoding`)
}

function mustBeFlag(text: string): boolean {
  if (/^(true|false)$/i.test(text)) return text.toLowerCase() === 'true'
  throw invalid('Attributes Reason: Invalid value for attribute Enabled, must be true or false')
}

/** The endpoint that has the token. */
function ownerOf(tx: Tx, platform: string, application: string, token: string): PlatformEndpoint | undefined {
  const entry = tx.in(endpointTokens).get(platform, application, hashOf(token))
  return entry && tx.in(platformEndpoints).get(platform, application, entry.id)
}

/** A token may be given again as it is; whether it is enabled counts only where the caller says so. */
function mustBeAs(tx: Tx, existing: PlatformEndpoint, { customUserData, isEnabled }: Changes): void {
  const isSame = existing.customUserData === customUserData && (isEnabled ?? existing.isEnabled) === existing.isEnabled
  if (!isSame) throw tokenTaken(tx, existing)
}

function tokenTaken(tx: Tx, owner: PlatformEndpoint): Error {
  const arn = endpointArn(owner, tx)
  return invalid(`Token Reason: Endpoint ${arn} already exists with the same Token, but different attributes.`)
}

function putEndpoint(tx: Tx, endpoint: PlatformEndpoint): void {
  const { platform, application, id, token } = endpoint
  tx.in(platformEndpoints).put(endpoint)
  tx.in(endpointTokens).put({ platform, application, hash: hashOf(token), id })
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex')
}

function shown({ token, customUserData, isEnabled }: PlatformEndpoint): Record<string, string> {
  return { Enabled: String(isEnabled), Token: token, ...(customUserData && { CustomUserData: customUserData }) }
}

function addressedEndpoint(ctx: Context, arn: string) {
  const address = readEndpointArn(arn)
  if (!address) throw invalid(`EndpointArn Reason: ${arn} is not the ARN of an endpoint`)
  return { ...address, place: ctx.at({ account: address.account, region: address.region }) }
}
