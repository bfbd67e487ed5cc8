/** Jobs: what to run, on what, with which arguments. Their runs are in jobRuns.ts. */
import type { CreateJobCommandInput, Job as JobOutput, JobUpdate } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { deleteBookmarks } from './bookmarks.ts'
import { jobEngine } from './engine.ts'
import { checkParameters } from './jobParameters.ts'
import { dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { putTags, tagSets } from './tags.ts'
import { workerTypes } from './workerTypes.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export type JobSettings = Omit<CreateJobCommandInput, 'Name' | 'Tags'>

export interface Job {
  name: string
  settings: JobSettings
  createdAt: Millis
  updatedAt: Millis
}

export const jobs = collection<Job>('glue/jobs', { version: 1, key: (job) => [job.name] })

export const jobOperations = operations('glue', {
  async CreateJob(input, ctx) {
    const { Name: name = '', Tags, ...settings } = input
    checkSettings(settings)
    await ctx.commit((tx) => {
      if (tx.in(jobs).has(name)) throw AlreadyExistsException(`Job with name: ${name} already submitted.`)
      const now = ctx.clock.now()
      tx.in(jobs).put({ name, settings, createdAt: now, updatedAt: now })
      putTags(tx, glueArn(ctx, 'job', name), Tags ?? {})
    })
    ctx.use(jobEngine).warmUp()
    return { Name: name }
  },

  async GetJob(input, ctx) {
    return { Job: jobOutput(mustGetJob(ctx, input.JobName as string)) }
  },

  async GetJobs(input, ctx) {
    const { items, next } = pageOf(ctx.in(jobs).list(), input)
    return { Jobs: items.map(jobOutput), ...next }
  },

  async BatchGetJobs(input, ctx) {
    const found = input.JobNames.map((name) => ctx.in(jobs).get(name))
    return {
      Jobs: found.filter((job) => job !== undefined).map(jobOutput),
      JobsNotFound: input.JobNames.filter((_, index) => !found[index]),
    }
  },

  async ListJobs(input, ctx) {
    const wanted = Object.entries(input.Tags ?? {})
    const tagged = [...ctx.in(jobs).list()].filter(({ name }) => {
      const tags = ctx.in(tagSets).get(glueArn(ctx, 'job', name))?.tags ?? {}
      return wanted.every(([key, value]) => tags[key] === value)
    })
    const { items, next } = pageOf(tagged, input)
    return { JobNames: items.map((job) => job.name), ...next }
  },

  async UpdateJob(input, ctx) {
    // What is not given goes back to its default: an update is the whole of the settings.
    const settings = (input.JobUpdate ?? {}) as JobUpdate as JobSettings
    checkSettings(settings)
    await ctx.commit((tx) => {
      const there = mustGetJob(tx, input.JobName as string)
      tx.in(jobs).put({ ...there, settings, updatedAt: ctx.clock.now() })
    })
    return { JobName: input.JobName }
  },

  async DeleteJob(input, ctx) {
    const name = input.JobName as string
    await ctx.commit((tx) => {
      tx.in(jobs).delete(name)
      deleteBookmarks(tx, name)
      putTags(tx, glueArn(ctx, 'job', name), undefined)
    })
    // Deleting what is not there is no error.
    return { JobName: name }
  },
})

/** Errors: EntityNotFoundException. */
export function mustGetJob(ctx: Pick<Context | Tx, 'in'>, name: string): Job {
  const job = ctx.in(jobs).get(name)
  if (!job) throw EntityNotFoundException('Entity Not Found')
  return job
}

const commandNames = ['glueetl', 'pythonshell', 'gluestreaming', 'glueray']

function checkSettings(settings: JobSettings): void {
  const { Command, MaxCapacity, WorkerType, NumberOfWorkers } = settings
  const name = Command?.Name ?? ''
  checkParameters({ ...settings.DefaultArguments, ...settings.NonOverridableArguments })
  if (!commandNames.includes(name)) throw InvalidInputException(`Invalid command name: ${name}`)
  if (MaxCapacity !== undefined && (WorkerType !== undefined || NumberOfWorkers !== undefined))
    throw InvalidInputException('Please do not set Max Capacity if using Worker Type and Number of Workers.')
  if (name === 'pythonshell' && MaxCapacity !== undefined && MaxCapacity !== 0.0625 && MaxCapacity !== 1)
    throw InvalidInputException('Max Capacity for a Python shell job is 0.0625 or 1.')
}

/** What the job gets on AWS, in DPUs. */
export function capacityOf({
  Command,
  MaxCapacity,
  AllocatedCapacity,
  WorkerType,
  NumberOfWorkers,
}: JobSettings): number {
  if (MaxCapacity !== undefined) return MaxCapacity
  if (WorkerType && NumberOfWorkers) return NumberOfWorkers * (workerTypes[WorkerType]?.dpu ?? 1)
  return AllocatedCapacity ?? (Command?.Name === 'pythonshell' ? 0.0625 : 10)
}

/** AWS's defaults: eight hours from Glue 5.0 on, two days before, none of ours. */
export function timeoutMinutesOf({ Timeout, GlueVersion = '0.9', Command }: JobSettings): number {
  if (Timeout) return Timeout
  return Command?.Name === 'pythonshell' || Number(GlueVersion) < 5 ? 2880 : 480
}

function jobOutput({ name, settings, createdAt, updatedAt }: Job): JobOutput {
  const capacity = capacityOf(settings)
  return {
    GlueVersion: '0.9',
    MaxRetries: 0,
    ExecutionProperty: { MaxConcurrentRuns: 1 },
    JobMode: 'SCRIPT',
    ...settings,
    Command: { PythonVersion: '3', ...settings.Command },
    Timeout: timeoutMinutesOf(settings),
    AllocatedCapacity: Math.floor(capacity),
    MaxCapacity: capacity,
    Name: name,
    CreatedOn: dateOf(createdAt),
    LastModifiedOn: dateOf(updatedAt),
  }
}
