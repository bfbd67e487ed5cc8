/** Settings of which a bucket has several, each with an id: kept, no effect. */
import type {
  AnalyticsConfiguration,
  IntelligentTieringConfiguration,
  InventoryConfiguration,
  MetricsConfiguration,
} from '@aws-sdk/client-s3'
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { MalformedXml } from './errors.ts'
import {
  forgetSetting,
  keepSetting,
  mustGetSetting,
  type SettingInput,
  type SettingKind,
  settingsOf,
} from './settings.ts'

const absent: [string, string] = ['NoSuchConfiguration', 'The specified configuration does not exist.']

async function keepListed(
  ctx: Context,
  input: SettingInput,
  kind: SettingKind,
  value: { Id?: string },
): Promise<object> {
  if (value.Id !== input.Id) throw MalformedXml()
  await keepSetting(ctx, input, kind, value)
  return {}
}

async function forgetListed(ctx: Context, input: SettingInput, kind: SettingKind): Promise<object> {
  mustGetSetting(ctx, input, kind, absent)
  await forgetSetting(ctx, input, kind)
  return {}
}

export const listedSettingOperations = operations('s3', {
  PutBucketAnalyticsConfiguration: (input, ctx) => keepListed(ctx, input, 'analytics', input.AnalyticsConfiguration),
  DeleteBucketAnalyticsConfiguration: (input, ctx) => forgetListed(ctx, input, 'analytics'),
  async GetBucketAnalyticsConfiguration(input, ctx) {
    return { AnalyticsConfiguration: mustGetSetting<AnalyticsConfiguration>(ctx, input, 'analytics', absent) }
  },
  async ListBucketAnalyticsConfigurations(input, ctx) {
    return {
      IsTruncated: false,
      AnalyticsConfigurationList: settingsOf<AnalyticsConfiguration>(ctx, input, 'analytics'),
    }
  },

  PutBucketInventoryConfiguration: (input, ctx) => keepListed(ctx, input, 'inventory', input.InventoryConfiguration),
  DeleteBucketInventoryConfiguration: (input, ctx) => forgetListed(ctx, input, 'inventory'),
  async GetBucketInventoryConfiguration(input, ctx) {
    return { InventoryConfiguration: mustGetSetting<InventoryConfiguration>(ctx, input, 'inventory', absent) }
  },
  async ListBucketInventoryConfigurations(input, ctx) {
    return {
      IsTruncated: false,
      InventoryConfigurationList: settingsOf<InventoryConfiguration>(ctx, input, 'inventory'),
    }
  },

  PutBucketMetricsConfiguration: (input, ctx) => keepListed(ctx, input, 'metrics', input.MetricsConfiguration),
  DeleteBucketMetricsConfiguration: (input, ctx) => forgetListed(ctx, input, 'metrics'),
  async GetBucketMetricsConfiguration(input, ctx) {
    return { MetricsConfiguration: mustGetSetting<MetricsConfiguration>(ctx, input, 'metrics', absent) }
  },
  async ListBucketMetricsConfigurations(input, ctx) {
    return { IsTruncated: false, MetricsConfigurationList: settingsOf<MetricsConfiguration>(ctx, input, 'metrics') }
  },

  PutBucketIntelligentTieringConfiguration: (input, ctx) =>
    keepListed(ctx, input, 'intelligentTiering', input.IntelligentTieringConfiguration),
  DeleteBucketIntelligentTieringConfiguration: (input, ctx) => forgetListed(ctx, input, 'intelligentTiering'),
  async GetBucketIntelligentTieringConfiguration(input, ctx) {
    const kept = mustGetSetting<IntelligentTieringConfiguration>(ctx, input, 'intelligentTiering', absent)
    return { IntelligentTieringConfiguration: kept }
  },
  async ListBucketIntelligentTieringConfigurations(input, ctx) {
    return {
      IsTruncated: false,
      IntelligentTieringConfigurationList: settingsOf<IntelligentTieringConfiguration>(
        ctx,
        input,
        'intelligentTiering',
      ),
    }
  },
})
