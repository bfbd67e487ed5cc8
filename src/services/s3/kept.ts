/**
 * Settings that mean nothing on one machine: kept, checked where S3 checks them, and given back. README.md lists them
 * as "kept, no effect". A setting that was never made answers with S3's default, or with its own error.
 */
import type {
  CORSConfiguration,
  OwnershipControls,
  PublicAccessBlockConfiguration,
  ReplicationConfiguration,
  ServerSideEncryptionConfiguration,
} from '@aws-sdk/client-s3'
import { operations } from '../service.ts'
import { InvalidRequest, MalformedXml, NoSuchSetting } from './errors.ts'
import { forgetSetting, keepSetting, mustGetSetting, settingOf } from './settings.ts'

const defaultEncryption: ServerSideEncryptionConfiguration = {
  Rules: [{ ApplyServerSideEncryptionByDefault: { SSEAlgorithm: 'AES256' }, BucketKeyEnabled: false }],
}

const defaultOwnership: OwnershipControls = { Rules: [{ ObjectOwnership: 'BucketOwnerEnforced' }] }

/** What every bucket made since April 2023 has. */
const defaultPublicAccessBlock: PublicAccessBlockConfiguration = {
  BlockPublicAcls: true,
  IgnorePublicAcls: true,
  BlockPublicPolicy: true,
  RestrictPublicBuckets: true,
}

export const keptOperations = operations('s3', {
  async PutBucketEncryption(input, ctx) {
    const rules = input.ServerSideEncryptionConfiguration.Rules ?? []
    if (rules.length !== 1) throw MalformedXml()
    await keepSetting(ctx, input, 'encryption', input.ServerSideEncryptionConfiguration)
    return {}
  },
  async GetBucketEncryption(input, ctx) {
    return {
      ServerSideEncryptionConfiguration:
        settingOf<ServerSideEncryptionConfiguration>(ctx, input, 'encryption') ?? defaultEncryption,
    }
  },
  async DeleteBucketEncryption(input, ctx) {
    await forgetSetting(ctx, input, 'encryption')
    return {}
  },

  async PutPublicAccessBlock(input, ctx) {
    const { BlockPublicAcls, IgnorePublicAcls, BlockPublicPolicy, RestrictPublicBuckets } =
      input.PublicAccessBlockConfiguration
    await keepSetting(ctx, input, 'publicAccessBlock', {
      BlockPublicAcls: BlockPublicAcls ?? false,
      IgnorePublicAcls: IgnorePublicAcls ?? false,
      BlockPublicPolicy: BlockPublicPolicy ?? false,
      RestrictPublicBuckets: RestrictPublicBuckets ?? false,
    })
    return {}
  },
  async GetPublicAccessBlock(input, ctx) {
    const kept = settingOf<object>(ctx, input, 'publicAccessBlock')
    if (kept === undefined) return { PublicAccessBlockConfiguration: defaultPublicAccessBlock }
    const text = 'The public access block configuration was not found'
    if ('deleted' in kept) throw NoSuchSetting('NoSuchPublicAccessBlockConfiguration', text, input.Bucket)
    return { PublicAccessBlockConfiguration: kept }
  },
  async DeletePublicAccessBlock(input, ctx) {
    await keepSetting(ctx, input, 'publicAccessBlock', { deleted: true })
    return {}
  },

  async PutBucketOwnershipControls(input, ctx) {
    if ((input.OwnershipControls.Rules ?? []).length !== 1) throw MalformedXml()
    await keepSetting(ctx, input, 'ownershipControls', input.OwnershipControls)
    return {}
  },
  async GetBucketOwnershipControls(input, ctx) {
    const kept = settingOf<object>(ctx, input, 'ownershipControls')
    if (kept === undefined) return { OwnershipControls: defaultOwnership }
    const text = 'The bucket ownership controls were not found'
    if ('deleted' in kept) throw NoSuchSetting('OwnershipControlsNotFoundError', text, input.Bucket)
    return { OwnershipControls: kept as OwnershipControls }
  },
  async DeleteBucketOwnershipControls(input, ctx) {
    await keepSetting(ctx, input, 'ownershipControls', { deleted: true })
    return {}
  },

  async PutBucketCors(input, ctx) {
    const rules = input.CORSConfiguration.CORSRules ?? []
    if (rules.length === 0) throw MalformedXml()
    for (const { AllowedMethods = [], AllowedOrigins = [] } of rules) checkCorsRule(AllowedMethods, AllowedOrigins)
    await keepSetting(ctx, input, 'cors', input.CORSConfiguration)
    return {}
  },
  async GetBucketCors(input, ctx) {
    const text = 'The CORS configuration does not exist'
    return mustGetSetting<CORSConfiguration>(ctx, input, 'cors', ['NoSuchCORSConfiguration', text])
  },
  async DeleteBucketCors(input, ctx) {
    await forgetSetting(ctx, input, 'cors')
    return {}
  },

  async PutBucketWebsite(input, ctx) {
    const { IndexDocument, RedirectAllRequestsTo } = input.WebsiteConfiguration
    if (!IndexDocument && !RedirectAllRequestsTo) throw MalformedXml()
    await keepSetting(ctx, input, 'website', input.WebsiteConfiguration)
    return {}
  },
  async GetBucketWebsite(input, ctx) {
    const text = 'The specified bucket does not have a website configuration'
    return mustGetSetting<object>(ctx, input, 'website', ['NoSuchWebsiteConfiguration', text])
  },
  async DeleteBucketWebsite(input, ctx) {
    await forgetSetting(ctx, input, 'website')
    return {}
  },

  async PutBucketReplication(input, ctx) {
    await keepSetting(ctx, input, 'replication', input.ReplicationConfiguration)
    return {}
  },
  async GetBucketReplication(input, ctx) {
    const text = 'The replication configuration was not found'
    return {
      ReplicationConfiguration: mustGetSetting<ReplicationConfiguration>(ctx, input, 'replication', [
        'ReplicationConfigurationNotFoundError',
        text,
      ]),
    }
  },
  async DeleteBucketReplication(input, ctx) {
    await forgetSetting(ctx, input, 'replication')
    return {}
  },

  async PutBucketLogging(input, ctx) {
    await keepSetting(ctx, input, 'logging', input.BucketLoggingStatus)
    return {}
  },
  async GetBucketLogging(input, ctx) {
    return settingOf<object>(ctx, input, 'logging') ?? {}
  },

  async PutBucketRequestPayment(input, ctx) {
    const { Payer } = input.RequestPaymentConfiguration
    if (Payer !== 'Requester' && Payer !== 'BucketOwner') throw MalformedXml()
    await keepSetting(ctx, input, 'requestPayment', { Payer })
    return {}
  },
  async GetBucketRequestPayment(input, ctx) {
    return settingOf<{ Payer: 'BucketOwner' }>(ctx, input, 'requestPayment') ?? { Payer: 'BucketOwner' as const }
  },

  async PutBucketAccelerateConfiguration(input, ctx) {
    const { Status } = input.AccelerateConfiguration
    if (Status !== 'Enabled' && Status !== 'Suspended') throw MalformedXml()
    await keepSetting(ctx, input, 'accelerate', { Status })
    return {}
  },
  async GetBucketAccelerateConfiguration(input, ctx) {
    return settingOf<{ Status: 'Enabled' }>(ctx, input, 'accelerate') ?? {}
  },

  async PutBucketAbac(input, ctx) {
    await keepSetting(ctx, input, 'abac', input.AbacStatus)
    return {}
  },
  async GetBucketAbac(input, ctx) {
    return { AbacStatus: settingOf(ctx, input, 'abac') ?? { Status: 'Disabled' } }
  },
})

const corsMethods = new Set(['GET', 'PUT', 'POST', 'DELETE', 'HEAD'])

function checkCorsRule(methods: readonly string[], origins: readonly string[]): void {
  if (methods.length === 0 || origins.length === 0) throw MalformedXml()
  const unknown = methods.find((method) => !corsMethods.has(method))
  if (unknown !== undefined) {
    throw InvalidRequest(`Found unsupported HTTP method in CORS config. Unsupported method is ${unknown}`)
  }
  const starred = origins.find((origin) => origin.split('*').length > 2)
  if (starred !== undefined) throw InvalidRequest(`AllowedOrigin "${starred}" can not have more than one wildcard.`)
}
