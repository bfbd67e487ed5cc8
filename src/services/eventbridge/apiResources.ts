/** AWS::Events::Connection and AWS::Events::ApiDestination for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import type { AuthParameters } from './connectionParameters.ts'
import { createOnce, forgetCreation, ignoreMissing } from './stackCreations.ts'

const nameOf = (properties: Properties, r: ResourceContext) => String(properties.Name ?? r.generatedName({ max: 64 }))

/** Without the part that each creation makes anew: what policies name it by. */
const arnForPolicy = (arn: string) => arn.slice(0, arn.lastIndexOf('/'))

export const connectionResource = resource('AWS::Events::Connection', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const name = nameOf(properties, r)
    const events = r.call('eventbridge')
    await createOnce(r, `connection/${name}`, {
      exists: () => events.DescribeConnection({ Name: name }),
      create: () =>
        events.CreateConnection({
          Name: name,
          AuthorizationType: properties.AuthorizationType,
          AuthParameters: withTruths(properties.AuthParameters) as AuthParameters,
          Description: properties.Description,
          KmsKeyIdentifier: properties.KmsKeyIdentifier,
          InvocationConnectivityParameters: properties.InvocationConnectivityParameters,
        }),
    })
    return connectionMade(name, r)
  },
  async update(id, properties, _before, r) {
    await r.call('eventbridge').UpdateConnection({
      Name: id,
      AuthorizationType: properties.AuthorizationType,
      AuthParameters: withTruths(properties.AuthParameters) as AuthParameters,
      Description: properties.Description ?? '',
      KmsKeyIdentifier: properties.KmsKeyIdentifier,
      InvocationConnectivityParameters: properties.InvocationConnectivityParameters,
    })
    return connectionMade(id, r)
  },
  async delete(id, _properties, r) {
    await ignoreMissing(() => r.call('eventbridge').DeleteConnection({ Name: id }))
    await forgetCreation(r, `connection/${id}`)
  },
})

async function connectionMade(name: string, r: ResourceContext) {
  const { ConnectionArn = '', SecretArn } = await r.call('eventbridge').DescribeConnection({ Name: name })
  return { id: name, attributes: { Arn: ConnectionArn, ArnForPolicy: arnForPolicy(ConnectionArn), SecretArn } }
}

/** Templates write truths as text too. */
function withTruths(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withTruths)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value).map(([key, each]) => [
      key,
      key === 'IsValueSecret' ? String(each) === 'true' : withTruths(each),
    ]),
  )
}

export const apiDestinationResource = resource('AWS::Events::ApiDestination', {
  replaceOn: ['Name'],
  async create(properties, r) {
    const name = nameOf(properties, r)
    const events = r.call('eventbridge')
    await createOnce(r, `api-destination/${name}`, {
      exists: () => events.DescribeApiDestination({ Name: name }),
      create: () => events.CreateApiDestination({ Name: name, ...destinationSettings(properties) }),
    })
    return destinationMade(name, r)
  },
  async update(id, properties, _before, r) {
    const { Description = '', ...settings } = destinationSettings(properties)
    await r.call('eventbridge').UpdateApiDestination({ Name: id, Description, ...settings })
    return destinationMade(id, r)
  },
  async delete(id, _properties, r) {
    await ignoreMissing(() => r.call('eventbridge').DeleteApiDestination({ Name: id }))
    await forgetCreation(r, `api-destination/${id}`)
  },
})

function destinationSettings(properties: Properties) {
  const rate = properties.InvocationRateLimitPerSecond
  return {
    ConnectionArn: properties.ConnectionArn,
    InvocationEndpoint: properties.InvocationEndpoint,
    HttpMethod: properties.HttpMethod,
    Description: properties.Description,
    ...(rate !== undefined && { InvocationRateLimitPerSecond: Number(rate) }),
  }
}

async function destinationMade(name: string, r: ResourceContext) {
  const { ApiDestinationArn: arn = '' } = await r.call('eventbridge').DescribeApiDestination({ Name: name })
  return { id: name, attributes: { Arn: arn, ArnForPolicy: arnForPolicy(arn) } }
}
