/**
 * Global indexes as a template wants them, against those that a table has: one is made or deleted in an update of a stack,
 * and nothing of one changes but its throughput, as on AWS. What is there is asked, not remembered, so that an update that
 * was cut off goes on where it was.
 */
import type { UpdateTableCommandInput } from '@aws-sdk/client-dynamodb'
import { stopwatch } from '../../clock.ts'
import type { Properties, ResourceContext } from '../resource.ts'
import { throughputIn } from './deployedThroughput.ts'
import { invalid } from './values.ts'

const pollMillis = 20

export interface PresentIndex {
  IndexName?: string | undefined
  KeySchema?: unknown
  Projection?: unknown
  ProvisionedThroughput?:
    | { ReadCapacityUnits?: number | undefined; WriteCapacityUnits?: number | undefined }
    | undefined
}

type IndexUpdates = NonNullable<UpdateTableCommandInput['GlobalSecondaryIndexUpdates']>

/** Errors: AWS's, where a template asks for more than one update can do. */
export function indexUpdates(wanted: readonly Properties[], present: readonly PresentIndex[]): IndexUpdates {
  const made = wanted.filter((index) => !present.some((one) => one.IndexName === index.IndexName))
  const gone = present.filter((index) => !wanted.some((one) => one.IndexName === index.IndexName))
  if (made.length + gone.length > 1) {
    throw invalid('Cannot perform more than one GSI creation or deletion in a single update')
  }
  const updates: IndexUpdates = []
  for (const index of wanted) {
    const before = present.find((one) => one.IndexName === index.IndexName)
    if (!before) updates.push({ Create: indexInput(index) as never })
    else updates.push(...throughputUpdate(index, before))
  }
  for (const { IndexName } of gone) updates.push({ Delete: { IndexName } })
  return updates
}

export function indexInput(index: Properties): Properties {
  return { ...index, ...throughputIn(index) }
}

function throughputUpdate(wanted: Properties, present: PresentIndex): IndexUpdates {
  if (shapeOf(wanted) !== shapeOf(present)) {
    throw invalid(
      "Cannot update GSI's properties other than Provisioned Throughput and Contributor Insights Specification. You can create a new GSI with a different name.",
    )
  }
  const { ProvisionedThroughput } = throughputIn(wanted)
  const { ReadCapacityUnits, WriteCapacityUnits } = present.ProvisionedThroughput ?? {}
  const isSame =
    !ProvisionedThroughput ||
    (ProvisionedThroughput.ReadCapacityUnits === ReadCapacityUnits &&
      ProvisionedThroughput.WriteCapacityUnits === WriteCapacityUnits)
  return isSame ? [] : [{ Update: { IndexName: present.IndexName, ProvisionedThroughput } }]
}

/** What must not change, whatever the order of its members. */
function shapeOf({ KeySchema, Projection }: Properties): string {
  const keys = (KeySchema as Properties[]).map(({ AttributeName, KeyType }) => [AttributeName, KeyType])
  const { ProjectionType, NonKeyAttributes = [] } = Projection as Properties
  return JSON.stringify([keys, ProjectionType, [...NonKeyAttributes].sort()])
}

/** A stack goes on when the indexes of the table are filled. */
export async function whenFilled(TableName: string, r: ResourceContext): Promise<void> {
  for (;;) {
    const { Table } = await r.call('dynamodb').DescribeTable({ TableName })
    if (Table?.TableStatus !== 'UPDATING') return
    await stopwatch.pause(pollMillis)
  }
}
