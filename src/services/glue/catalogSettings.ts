/** What holds for a whole Catalog: its resource policies, its encryption settings, security configurations. */
import { createHash } from 'node:crypto'
import type {
  DataCatalogEncryptionSettings,
  EncryptionConfiguration,
  SecurityConfiguration as SecurityConfigurationOutput,
} from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { isJson } from '../json.ts'
import { operations } from '../service.ts'
import { dateOf } from './names.ts'
import { pageOf } from './pages.ts'

const { AlreadyExistsException, ConditionCheckFailureException, EntityNotFoundException, InvalidInputException } =
  awsErrors('glue')

export interface ResourcePolicy {
  arn: string
  text: string
  createdAt: Millis
  updatedAt: Millis
}

export const resourcePolicies = collection<ResourcePolicy>('glue/resource-policies', {
  version: 1,
  key: ({ arn }) => [arn],
})

export interface EncryptionSettings {
  name: 'catalog'
  settings: DataCatalogEncryptionSettings
}

export const encryptionSettings = collection<EncryptionSettings>('glue/encryption-settings', {
  version: 1,
  key: ({ name }) => [name],
})

export interface SecurityConfiguration {
  name: string
  encryption: EncryptionConfiguration
  createdAt: Millis
}

export const securityConfigurations = collection<SecurityConfiguration>('glue/security-configurations', {
  version: 1,
  key: ({ name }) => [name],
})

export const catalogSettingsOperations = operations('glue', {
  async PutResourcePolicy(input, ctx) {
    if (!isJson(input.PolicyInJson)) throw InvalidInputException('Policy is not valid JSON.')
    const policy = await ctx.commit((tx) => {
      const arn = input.ResourceArn ?? catalogArn(ctx)
      const there = tx.in(resourcePolicies).get(arn)
      if (input.PolicyExistsCondition === 'MUST_EXIST' && !there)
        throw ConditionCheckFailureException('Policy not found')
      if (input.PolicyExistsCondition === 'NOT_EXIST' && there)
        throw ConditionCheckFailureException('Policy already exists')
      checkHash(there, input.PolicyHashCondition)
      const wanted = { arn, text: input.PolicyInJson, createdAt: there?.createdAt ?? tx.now, updatedAt: tx.now }
      tx.in(resourcePolicies).put(wanted)
      return wanted
    })
    return { PolicyHash: hashOf(policy) }
  },

  async GetResourcePolicy(input, ctx) {
    return policyOutput(mustGetPolicy(ctx, input.ResourceArn ?? catalogArn(ctx)))
  },

  async GetResourcePolicies(input, ctx) {
    const { items, next } = pageOf(ctx.in(resourcePolicies).list(), input)
    return { GetResourcePoliciesResponseList: items.map(policyOutput), ...next }
  },

  async DeleteResourcePolicy(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGetPolicy(tx, input.ResourceArn ?? catalogArn(ctx))
      checkHash(there, input.PolicyHashCondition)
      tx.in(resourcePolicies).delete(there.arn)
    })
    return {}
  },

  async PutDataCatalogEncryptionSettings(input, ctx) {
    const settings = input.DataCatalogEncryptionSettings
    await ctx.commit((tx) => tx.in(encryptionSettings).put({ name: 'catalog', settings }))
    return {}
  },

  async GetDataCatalogEncryptionSettings(_input, ctx) {
    const { EncryptionAtRest, ConnectionPasswordEncryption } = ctx.in(encryptionSettings).get('catalog')?.settings ?? {}
    return {
      DataCatalogEncryptionSettings: {
        EncryptionAtRest: EncryptionAtRest ?? { CatalogEncryptionMode: 'DISABLED' },
        ConnectionPasswordEncryption: ConnectionPasswordEncryption ?? { ReturnConnectionPasswordEncrypted: false },
      },
    }
  },

  async CreateSecurityConfiguration(input, ctx) {
    const configuration = { name: input.Name, encryption: input.EncryptionConfiguration, createdAt: ctx.clock.now() }
    await ctx.commit((tx) => {
      if (tx.in(securityConfigurations).has(input.Name))
        throw AlreadyExistsException(`Security configuration with name ${input.Name} already exists`)
      tx.in(securityConfigurations).put(configuration)
    })
    return { Name: input.Name, CreatedTimestamp: dateOf(configuration.createdAt) }
  },

  async GetSecurityConfiguration(input, ctx) {
    return { SecurityConfiguration: configurationOutput(mustGetConfiguration(ctx, input.Name)) }
  },

  async GetSecurityConfigurations(input, ctx) {
    const { items, next } = pageOf(ctx.in(securityConfigurations).list(), input)
    return { SecurityConfigurations: items.map(configurationOutput), ...next }
  },

  async DeleteSecurityConfiguration(input, ctx) {
    await ctx.commit((tx) => {
      mustGetConfiguration(tx, input.Name)
      tx.in(securityConfigurations).delete(input.Name)
    })
    return {}
  },

  /** Nobody has tables of an older Athena here. */
  async GetCatalogImportStatus() {
    return { ImportStatus: { ImportCompleted: true } }
  },
})

function catalogArn({ account, region }: Context): string {
  return `arn:aws:glue:${region}:${account}:catalog`
}

function mustGetPolicy(ctx: Pick<Context | Tx, 'in'>, arn: string): ResourcePolicy {
  const policy = ctx.in(resourcePolicies).get(arn)
  if (!policy) throw EntityNotFoundException('Policy not found')
  return policy
}

function checkHash(policy: ResourcePolicy | undefined, wanted: string | undefined): void {
  if (wanted !== undefined && (!policy || hashOf(policy) !== wanted))
    throw ConditionCheckFailureException('Policy hash condition failed')
}

function hashOf({ text }: ResourcePolicy): string {
  return createHash('md5').update(text).digest('base64')
}

function policyOutput(policy: ResourcePolicy) {
  return {
    PolicyInJson: policy.text,
    PolicyHash: hashOf(policy),
    CreateTime: dateOf(policy.createdAt),
    UpdateTime: dateOf(policy.updatedAt),
  }
}

function mustGetConfiguration(ctx: Pick<Context | Tx, 'in'>, name: string): SecurityConfiguration {
  const found = ctx.in(securityConfigurations).get(name)
  if (!found) throw EntityNotFoundException(`Security Configuration ${name} not found.`)
  return found
}

function configurationOutput({ name, encryption, createdAt }: SecurityConfiguration): SecurityConfigurationOutput {
  return { Name: name, CreatedTimeStamp: dateOf(createdAt), EncryptionConfiguration: encryption }
}
