/**
 * What is deployed, as things and what leads from one to the other: asked of AWS's own lists. Where a function or a job
 * writes to is nowhere declared; its settings name it, and the traces show it (passages.ts).
 */
import { awsIfThere, type Output, pages } from '../../server/aws.ts'
import { Finder, idOf, nodeOfArn, type Topology } from './things.ts'

export async function loadTopology(): Promise<Topology> {
  const found = new Finder()
  await Promise.all([
    findBuckets(found),
    findRules(found),
    findSchedules(found),
    findFunctions(found),
    findTopics(found),
    findQueues(found),
    findJobs(found),
    findTables(found),
    findWarehouses(found),
    findAlarms(found),
  ])
  found.follow()
  return found.topology()
}

async function findBuckets(found: Finder): Promise<void> {
  const list = await awsIfThere('s3', 'ListBuckets')
  const names: string[] = (list?.Buckets ?? []).map((bucket: Output) => bucket.Name)
  await Promise.all(
    names.map(async (name) => {
      const id = found.add('bucket', name)
      const told = await awsIfThere('s3', 'GetBucketNotificationConfiguration', { Bucket: name })
      found.later(() => {
        for (const each of told?.LambdaFunctionConfigurations ?? []) found.lead(id, nodeOfArn(each.LambdaFunctionArn))
        for (const each of told?.QueueConfigurations ?? []) found.lead(id, nodeOfArn(each.QueueArn))
        for (const each of told?.TopicConfigurations ?? []) found.lead(id, nodeOfArn(each.TopicArn))
      })
    }),
  )
}

async function findRules(found: Finder): Promise<void> {
  const list = await awsIfThere('eventbridge', 'ListEventBuses')
  await Promise.all(
    (list?.EventBuses ?? []).map(async ({ Name: bus }: Output) => {
      const rules = await pages('eventbridge', 'ListRules', { EventBusName: bus }, 'Rules')
      await Promise.all(rules.filter((rule) => !rule.ManagedBy).map((rule) => findTargets(found, bus, rule)))
    }),
  )
}

async function findTargets(found: Finder, bus: string, rule: Output): Promise<void> {
  const id = found.add('rule', `${bus}/${rule.Name}`, bus)
  const answer = await awsIfThere('eventbridge', 'ListTargetsByRule', { EventBusName: bus, Rule: rule.Name })
  found.later(() => {
    for (const source of sourcesOf(found, rule.EventPattern)) found.lead(source, id)
    if (rule.ScheduleExpression) found.lead(found.add('schedule', rule.ScheduleExpression), id)
    for (const target of answer?.Targets ?? []) {
      for (const to of targetsOf(found, target.Arn)) found.lead(id, to)
      if (target.DeadLetterConfig?.Arn) found.lead(id, nodeOfArn(target.DeadLetterConfig.Arn), true)
    }
  })
}

/** A workflow stands for the jobs that it starts with, another bus for its rules. */
function targetsOf(found: Finder, arn: string): string[] {
  const workflow = /:workflow\/(.+)$/.exec(arn)?.[1]
  if (workflow)
    return found
      .of('job')
      .filter(({ note }) => note === workflow)
      .map(({ id }) => id)
  const bus = /:event-bus\/(.+)$/.exec(arn)?.[1]
  if (bus)
    return found
      .of('rule')
      .filter(({ note }) => note === bus)
      .map(({ id }) => id)
  const id = nodeOfArn(arn)
  return id ? [id] : []
}

/** What a pattern waits for: a bucket's objects, a job's end. */
function sourcesOf(found: Finder, text: string | undefined): string[] {
  const pattern: Output = text ? JSON.parse(text) : {}
  const sources: unknown[] = pattern.source ?? []
  const words = (list: unknown) => (Array.isArray(list) ? list.filter((entry) => typeof entry === 'string') : undefined)
  if (sources.includes('aws.s3')) {
    const names = words(pattern.detail?.bucket?.name)
    return names ? names.map((name) => idOf('bucket', name)) : []
  }
  if (sources.includes('aws.glue')) {
    const names = words(pattern.detail?.jobName)
    return (names ?? found.of('job').map(({ name }) => name)).map((name) => idOf('job', name))
  }
  return []
}

async function findSchedules(found: Finder): Promise<void> {
  const list = await awsIfThere('scheduler', 'ListSchedules')
  for (const schedule of list?.Schedules ?? []) {
    const id = found.add('schedule', schedule.Name, schedule.GroupName === 'default' ? undefined : schedule.GroupName)
    found.later(() => {
      for (const to of targetsOf(found, schedule.Target?.Arn ?? '')) found.lead(id, to)
    })
  }
}

/** CDK brings functions of its own, which are no part of the pipeline. */
const isHelper = (name: string) =>
  /CustomResource|BucketNotificationsHandler|LogRetention|CDKBucketDeployment/i.test(name)

async function findFunctions(found: Finder): Promise<void> {
  const functions = (
    await pages('lambda', 'ListFunctions', {}, 'Functions', { token: 'Marker', answered: 'NextMarker' }).catch(() => [])
  ).filter(({ FunctionName }) => !isHelper(FunctionName))
  const mappings = await awsIfThere('lambda', 'ListEventSourceMappings')
  for (const each of functions) {
    const id = found.add('function', each.FunctionName)
    found.atLast(() => {
      for (const [name, value] of Object.entries<string>(each.Environment?.Variables ?? {})) {
        if (/bus/i.test(name)) leadToRules(found, id, value)
        else leadToNamed(found, id, value)
      }
    })
    found.later(() => {
      if (each.DeadLetterConfig?.TargetArn) found.lead(id, nodeOfArn(each.DeadLetterConfig.TargetArn), true)
    })
  }
  found.later(() => {
    for (const mapping of mappings?.EventSourceMappings ?? []) {
      const from = nodeOfArn(mapping.EventSourceArn ?? '')
      if (from) found.lead(from, nodeOfArn(mapping.FunctionArn ?? ''))
    }
  })
}

/** A bucket whose files start something is read from; any other that a setting names is written to. */
function leadToNamed(found: Finder, from: string, value: string): void {
  for (const to of found.named(value)) {
    const isSource = to.startsWith('bucket:') && (leadsOn(found, to) || isUpstream(found, to, from))
    if (!isSource) found.lead(from, to)
  }
}

/** Who is given a bus puts events on it, and its rules wait for them. On the default bus they wait for AWS's own. */
function leadToRules(found: Finder, from: string, value: string): void {
  const bus = value.split('/').pop()
  if (bus === 'default') return
  for (const { id, note } of found.of('rule')) if (note === bus) found.lead(from, id)
}

function leadsOn(found: Finder, id: string): boolean {
  return [...found.edges.values()].some(({ from }) => from === id)
}

function isUpstream(found: Finder, above: string, below: string, seen = new Set<string>()): boolean {
  if (above === below) return true
  if (seen.has(above)) return false
  seen.add(above)
  return [...found.edges.values()].some(
    ({ from, to, isFailure }) => from === above && !isFailure && isUpstream(found, to, below, seen),
  )
}

async function findTopics(found: Finder): Promise<void> {
  const list = await awsIfThere('sns', 'ListTopics')
  for (const { TopicArn } of list?.Topics ?? []) found.add('topic', TopicArn.split(':').pop())
  const subscriptions = (await awsIfThere('sns', 'ListSubscriptions'))?.Subscriptions ?? []
  for (const { Protocol, Endpoint, TopicArn } of subscriptions) {
    const from = nodeOfArn(TopicArn) ?? ''
    if (Protocol === 'email' || Protocol === 'email-json') found.lead(from, found.addMail(from, Endpoint))
    else if (Protocol === 'http' || Protocol === 'https') found.lead(from, found.add('web', Endpoint))
    else found.later(() => found.lead(from, nodeOfArn(Endpoint)))
  }
}

async function findQueues(found: Finder): Promise<void> {
  const list = await awsIfThere('sqs', 'ListQueues')
  await Promise.all(
    (list?.QueueUrls ?? []).map(async (url: string) => {
      const id = found.add('queue', url.split('/').pop() ?? url)
      const answer = await awsIfThere('sqs', 'GetQueueAttributes', { QueueUrl: url, AttributeNames: ['RedrivePolicy'] })
      const policy = answer?.Attributes?.RedrivePolicy
      if (policy) found.later(() => found.lead(id, nodeOfArn(JSON.parse(policy).deadLetterTargetArn), true))
    }),
  )
}

async function findJobs(found: Finder): Promise<void> {
  const [jobs, triggers] = await Promise.all([
    pages('glue', 'GetJobs', {}, 'Jobs').catch(() => []),
    pages('glue', 'GetTriggers', {}, 'Triggers').catch(() => []),
  ])
  const workflowOf = new Map<string, string>()
  for (const trigger of triggers) {
    const isFirst = trigger.Type !== 'CONDITIONAL'
    for (const { JobName } of trigger.Actions ?? [])
      if (isFirst && trigger.WorkflowName) workflowOf.set(JobName, trigger.WorkflowName)
    found.later(() => {
      for (const { JobName: before } of trigger.Predicate?.Conditions ?? [])
        for (const { JobName: after } of trigger.Actions ?? [])
          if (before && after) found.lead(idOf('job', before), idOf('job', after))
    })
  }
  for (const job of jobs) {
    const id = found.add('job', job.Name, workflowOf.get(job.Name))
    found.atLast(() => leadToResults(found, id, Object.values<string>(job.DefaultArguments ?? {})))
  }
}

/** A table that a job's arguments name is what comes out of it; then the table's bucket says no more. */
function leadToResults(found: Finder, id: string, values: string[]): void {
  const tables = found.of('table').filter(({ name }) => {
    const [database = '', table = ''] = name.split('.')
    return values.includes(table) && values.includes(database)
  })
  for (const table of tables) found.lead(id, table.id)
  if (tables.length === 0) for (const value of values) leadToNamed(found, id, value)
}

async function findTables(found: Finder): Promise<void> {
  const [databases, items] = await Promise.all([
    pages('glue', 'GetDatabases', {}, 'DatabaseList').catch(() => []),
    awsIfThere('dynamodb', 'ListTables'),
  ])
  for (const name of items?.TableNames ?? []) found.add('table', name, 'DynamoDB')
  await Promise.all(
    databases.map(async ({ Name }) => {
      const tables = await pages('glue', 'GetTables', { DatabaseName: Name }, 'TableList').catch(() => [])
      for (const table of tables) found.add('table', `${Name}.${table.Name}`, 'Catalog')
    }),
  )
}

async function findWarehouses(found: Finder): Promise<void> {
  const [serverless, clusters] = await Promise.all([
    awsIfThere('redshift-serverless', 'ListWorkgroups'),
    awsIfThere('redshift', 'DescribeClusters'),
  ])
  for (const { workgroupName } of serverless?.workgroups ?? []) found.add('warehouse', workgroupName)
  for (const { ClusterIdentifier } of clusters?.Clusters ?? []) found.add('warehouse', ClusterIdentifier)
}

async function findAlarms(found: Finder): Promise<void> {
  const list = await awsIfThere('cloudwatch', 'DescribeAlarms', { AlarmTypes: ['MetricAlarm', 'CompositeAlarm'] })
  for (const { AlarmName, AlarmActions = [] } of [...(list?.CompositeAlarms ?? []), ...(list?.MetricAlarms ?? [])]) {
    const id = found.add('alarm', AlarmName)
    found.later(() => {
      for (const arn of AlarmActions) found.lead(id, nodeOfArn(arn))
    })
  }
}
