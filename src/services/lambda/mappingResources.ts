/** AWS::Lambda::EventSourceMapping for CloudFormation. */
import { AwsError } from '../../wire/errors.ts'
import { type Properties, resource } from '../resource.ts'

export const mappingResource = resource('AWS::Lambda::EventSourceMapping', {
  replaceOn: ['EventSourceArn', 'StartingPosition', 'StartingPositionTimestamp'],
  async create(properties, r) {
    const lambda = r.call('lambda')
    const { EventSourceArn, FunctionName } = properties
    // A creation that was cut off has left its mapping; there is one for a queue and a function.
    const { EventSourceMappings = [] } = await lambda.ListEventSourceMappings({ EventSourceArn, FunctionName })
    const mapping = EventSourceMappings[0] ?? (await lambda.CreateEventSourceMapping(mappingInput(properties)))
    return attributesOf(mapping)
  },
  async update(id, properties, _before, r) {
    const { EventSourceArn: _source, StartingPosition: _start, ...input } = mappingInput(properties) as MappingInput
    return attributesOf(await r.call('lambda').UpdateEventSourceMapping({ UUID: id, ...input }))
  },
  async delete(id, _properties, r) {
    try {
      await r.call('lambda').DeleteEventSourceMapping({ UUID: id })
    } catch (error) {
      if (!(error instanceof AwsError && error.code === 'ResourceNotFoundException')) throw error
    }
  },
})

const numbers = [
  'BatchSize',
  'MaximumBatchingWindowInSeconds',
  'MaximumRetryAttempts',
  'MaximumRecordAgeInSeconds',
  'ParallelizationFactor',
  'TumblingWindowInSeconds',
]
const switches = ['Enabled', 'BisectBatchOnFunctionError']
const asTheyAre = [
  'FilterCriteria',
  'FunctionResponseTypes',
  'ScalingConfig',
  'MetricsConfig',
  'DestinationConfig',
  'StartingPosition',
]

type MappingInput = ReturnType<typeof mappingInput> & { StartingPosition?: unknown }

function mappingInput(properties: Properties) {
  const given = (names: string[]) => names.filter((name) => properties[name] !== undefined)
  return {
    FunctionName: properties.FunctionName as string,
    EventSourceArn: properties.EventSourceArn as string | undefined,
    ...Object.fromEntries(given(switches).map((name) => [name, String(properties[name]) === 'true'])),
    ...Object.fromEntries(given(numbers).map((name) => [name, Number(properties[name])])),
    ...Object.fromEntries(given(asTheyAre).map((name) => [name, properties[name]])),
  }
}

function attributesOf({ UUID = '', EventSourceMappingArn }: { UUID?: string; EventSourceMappingArn?: string }) {
  return { id: UUID, attributes: { Id: UUID, EventSourceMappingArn } }
}
