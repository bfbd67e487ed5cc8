/**
 * Platform applications: an app of a push notification service. Its credentials are kept and never used, for nothing is
 * sent from here. Names and words: SNS API Reference, "CreatePlatformApplication", "SetPlatformApplicationAttributes".
 */
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { type Collection, collection, type Records, type Scope } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { tokenOf } from '../pages.ts'
import { operations } from '../service.ts'
import { deleteEndpoints } from './platformEndpointRecords.ts'
import { invalid } from './refusals.ts'
import { keyIn } from './topics.ts'

const { NotFoundException } = awsErrors('sns')

export interface PlatformApplication {
  platform: string
  name: string
  /** By their names on the wire; the credentials are among them, and are not shown. */
  attributes: Record<string, string>
  createdAt: number
}

export const platformApplications: Collection<PlatformApplication> = collection('sns/platform-applications', {
  version: 1,
  key: ({ platform, name }) => [platform, name],
})

const platforms = new Set([
  'ADM',
  'APNS',
  'APNS_SANDBOX',
  'APNS_VOIP',
  'APNS_VOIP_SANDBOX',
  'BAIDU',
  'GCM',
  'MACOS',
  'MACOS_SANDBOX',
  'MPNS',
  'WNS',
])
const applicationName = /^[A-Za-z0-9_.-]{1,256}$/
const secrets = new Set(['PlatformCredential', 'PlatformPrincipal'])
const others = new Set(['ApplePlatformTeamID', 'ApplePlatformBundleID'])
/** AWS does not publish what the events look like, and nothing is sent that a log could tell of. */
const absent =
  /^(Event(Endpoint(Created|Deleted|Updated)|DeliveryFailure)|(Success|Failure)Feedback(RoleArn|SampleRate))$/
const pageSize = 100

export const platformApplicationOperations = operations('sns', {
  async CreatePlatformApplication(input, ctx) {
    const { Name: name, Platform: platform } = input
    if (!platforms.has(platform)) throw invalid(`Platform Reason: ${platform} is not supported`)
    if (!applicationName.test(name)) throw invalid(nameWords)
    const attributes = readAttributes(input.Attributes)
    if (!attributes.PlatformCredential) {
      throw invalid(
        attributes.PlatformPrincipal
          ? 'Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential'
          : 'Attributes Reason: Platform credentials are invalid',
      )
    }
    await ctx.commit((tx) => {
      const existing = tx.in(platformApplications).get(platform, name)
      if (!existing) tx.in(platformApplications).put({ platform, name, attributes, createdAt: tx.now })
      else if (!isSame(existing.attributes, attributes)) {
        throw invalid('Attributes Reason: An application with the same name but different properties already exists')
      }
    })
    return { PlatformApplicationArn: applicationArn({ platform, name }, ctx) }
  },

  async GetPlatformApplicationAttributes(input, ctx) {
    const { place, platform, name } = addressedApplication(ctx, input.PlatformApplicationArn)
    return { Attributes: shown(mustGetApplication(place, platform, name)) }
  },

  async SetPlatformApplicationAttributes(input, ctx) {
    const { place, platform, name } = addressedApplication(ctx, input.PlatformApplicationArn)
    const given = readAttributes(input.Attributes)
    if (given.PlatformPrincipal && !given.PlatformCredential) {
      throw invalid('Attributes Reason: PlatformPrincipal attribute provided without PlatformCredential')
    }
    await place.commit((tx) => {
      const application = mustGetApplication(tx, platform, name)
      const attributes = { ...application.attributes, ...given }
      tx.in(platformApplications).put({ ...application, attributes })
    })
    return {}
  },

  /** Deleting what is gone is a success. Its endpoints go with it. */
  async DeletePlatformApplication(input, ctx) {
    const { place, platform, name } = addressedApplication(ctx, input.PlatformApplicationArn)
    await place.commit((tx) => {
      tx.in(platformApplications).delete(platform, name)
      deleteEndpoints(tx, platform, name)
    })
    return {}
  },

  async ListPlatformApplications(input, ctx) {
    const after = input.NextToken ? keyIn(input.NextToken) : undefined
    const found = [...ctx.in(platformApplications).list({ ...(after && { after }), limit: pageSize + 1 })]
    const page = found.slice(0, pageSize)
    const last = page.at(-1)
    return {
      PlatformApplications: page.map((one) => ({
        PlatformApplicationArn: applicationArn(one, ctx),
        Attributes: shown(one),
      })),
      ...(found.length > pageSize && last && { NextToken: tokenOf([last.platform, last.name]) }),
    }
  },
})

const nameWords =
  'Name Reason: Name must be made up of only uppercase and lowercase ASCII letters, numbers, underscores, hyphens, and periods, and must be between 1 and 256 characters long'

function readAttributes(given: Record<string, string>): Record<string, string> {
  for (const name of Object.keys(given)) {
    if (absent.test(name)) throw NotImplemented(`SNS ${name} of a platform application`)
    if (!secrets.has(name) && !others.has(name)) throw invalid(`Attributes Reason: Invalid attribute name: ${name}`)
  }
  return given
}

function isSame(left: Record<string, string>, right: Record<string, string>): boolean {
  const names = new Set([...Object.keys(left), ...Object.keys(right)])
  return [...names].every((name) => left[name] === right[name])
}

function shown({ attributes }: PlatformApplication): Record<string, string> {
  return { Enabled: 'true', ...Object.fromEntries(Object.entries(attributes).filter(([name]) => !secrets.has(name))) }
}

export function applicationArn(
  { platform, name }: Pick<PlatformApplication, 'platform' | 'name'>,
  { account, region }: Scope,
): Arn {
  return `arn:aws:sns:${region}:${account}:app/${platform}/${name}`
}

/** Errors: InvalidParameter where the text is no platform application's ARN. */
export function addressedApplication(ctx: Context, arn: string): { place: Context; platform: string; name: string } {
  const parts = parseArn(arn)
  if (!parts) {
    throw invalid(`PlatformApplicationArn Reason: An ARN must have at least 6 elements, not ${arn.split(':').length}`)
  }
  const [kind, platform, name, ...rest] = parts.resource.split('/')
  if (parts.service !== 'sns' || kind !== 'app' || !platform || !name || rest.length > 0) {
    throw invalid('PlatformApplicationArn')
  }
  return { place: ctx.at({ account: parts.account, region: parts.region }), platform, name }
}

/** Errors: NotFound. */
export function mustGetApplication(
  from: { in: (of: typeof platformApplications) => Pick<Records<PlatformApplication>, 'get'> },
  platform: string,
  name: string,
): PlatformApplication {
  const application = from.in(platformApplications).get(platform, name)
  if (!application) throw NotFoundException('PlatformApplication does not exist')
  return application
}
