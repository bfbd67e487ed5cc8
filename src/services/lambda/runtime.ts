/** Runs a version of a function on the engine: its code unpacked, its logs kept, its hop in the trace, its cost. */
import path from 'node:path'
import type { Context } from '../../delivery/context.ts'
import type { Platform } from '../../delivery/platform.ts'
import { singleton } from '../../delivery/singleton.ts'
import { traceSegments } from '../../delivery/traceSegments.ts'
import type { FunctionSpec, InvocationResult, LogLine } from '../../engines/functions/functionSpec.ts'
import { nodePackagesOf } from '../../engines/functions/nodePackages.ts'
import { packageFolder } from '../../engines/functions/packageFolder.ts'
import { FunctionPool } from '../../engines/functions/pool.ts'
import { usesPythonPackages } from '../../engines/functions/pythonPackages.ts'
import { pythonEnvironment } from '../../engines/python/environment.ts'
import { findPython } from '../../engines/python/interpreter.ts'
import { type TraceRef, traceHeader } from '../../observe/traces.ts'
import type { Scope } from '../../store/collection.ts'
import { codeFolders, unpackable } from './code.ts'
import { logGroupOf } from './configuration.ts'
import { functionLogs } from './functionLogs.ts'
import { measureInvocation } from './functionMetrics.ts'
import { type Attempt, isSampled, type SegmentLink, sendSegments } from './functionSegments.ts'
import { functionArn } from './identifiers.ts'
import { mustGetLayers } from './layers.ts'
import type { FunctionVersion } from './records.ts'

/** Warm instances kept beside those that run. */
const idleInstancesMax = 32
const idleMegabytesMax = 2048
const rememberedFoldersMax = 1_000

export const functionPool = singleton('functions', (platform) => {
  const { options, clock, random, log, dataFolder } = platform
  const root = packageFolder()
  return new FunctionPool({
    ...{ clock, random, idleInstancesMax, idleMegabytesMax },
    folder: path.join(dataFolder, 'lambda-instances'),
    runtimesFolder: path.join(root, 'runtimes'),
    nodePath: process.execPath,
    pythonPath: pythonFinder(platform),
    nodePackages: nodePackagesOf(options, (message) => log.info(message)),
    strictRuntimes: options.strictRuntimes,
    instancesMax: options.functionInstancesMax,
    idleSecondsMax: options.functionIdleSeconds,
  })
})

/** What needs boto3 or pandas waits for the environment that has them; the rest runs on any Python of the machine. */
function pythonFinder(platform: Platform): (codeFolder?: string) => Promise<string> {
  const { python, hostEnvironment } = platform.options
  let plain: Promise<{ path: string }> | undefined
  /** A folder's name is its content's hash, and all of it is read for this: longer than a start may take. */
  const needs = new Map<string, boolean>()
  return async (codeFolder) => {
    if (codeFolder && !needs.has(codeFolder)) {
      if (needs.size >= rememberedFoldersMax) needs.clear()
      needs.set(codeFolder, await usesPythonPackages(codeFolder))
    }
    if (codeFolder && needs.get(codeFolder)) {
      return (await platform.use(pythonEnvironment).ready()).python
    }
    plain ??= findPython(python, hostEnvironment)
    return (await plain).path
  }
}

/** Instances are shared by what would start them alike. */
export function specKey(scope: Scope, version: FunctionVersion): string {
  return `${functionArn(scope, version.name, version.version)} ${version.revisionId}`
}

async function specOf(ctx: Context, version: FunctionVersion): Promise<FunctionSpec> {
  const folders = ctx.use(codeFolders)
  const layers = mustGetLayers(ctx, version.layers).map((layer) => unpackable(ctx, layer.code))
  const xrayDaemon = await ctx.use(traceSegments).daemonAddress()
  return {
    key: specKey(ctx, version),
    name: version.name,
    version: version.version,
    accountId: ctx.account,
    region: ctx.region,
    runtime: version.runtime,
    handler: version.handler,
    memoryMegabytes: version.memoryMegabytes,
    timeoutSeconds: version.timeoutSeconds,
    environment: version.environment,
    codeFolder: await folders.code(unpackable(ctx, version.code)),
    ...(layers.length > 0 && { layersFolder: await folders.layers(layers) }),
    logGroup: logGroupOf(version),
    logFormat: version.logging.format,
    ...(version.logging.applicationLevel && { logLevel: version.logging.applicationLevel }),
    endpoint: ctx.caller.endpoint,
    ...(xrayDaemon && { xrayDaemon }),
  }
}

export interface Run {
  version: FunctionVersion
  /** As it was invoked: with the qualifier, if there was one. */
  functionArn: string
  requestId: string
  payload: Uint8Array
  clientContext?: string
  /** What invoked it, for the trace. */
  action: string
  attempt?: Attempt
  links?: readonly SegmentLink[]
}

export interface RunResult extends InvocationResult {
  lines: string[]
}

/** Errors: UnsupportedRuntime, Interrupted; whatever the function itself does is a result. */
export async function runFunction(ctx: Context, run: Run): Promise<RunResult> {
  const { version } = run
  const spec = await specOf(ctx, version)
  const startedAt = ctx.clock.now()
  const begun = { ...beginHop(ctx, run), sampled: isSampled(version.tracingMode, ctx.trace) }
  ctx.use(traceSegments).expect(begun, ctx)
  const logs = ctx.use(functionLogs)
  const lines: string[] = []
  let ended = false
  const onLog = ({ stream, message }: LogLine) => {
    if (!ended) lines.push(message)
    logs.append(ctx, { group: spec.logGroup, stream, message })
  }
  const { functionArn: arn, requestId, payload, clientContext } = run
  const options = { requestId, functionArn: arn, traceId: traceHeader(begun), onLog }
  try {
    const result = await ctx
      .use(functionPool)
      .invoke(spec, payload, { ...options, ...(clientContext !== undefined && { clientContext }) })
    endHop(ctx, begun, spec, result)
    measureInvocation(ctx, arn, result)
    const errorMessage = errorMessageOf(result.payload)
    if (begun.sampled) background(sendSegments(ctx, { run, trace: begun, startedAt, result, errorMessage }))
    return { ...result, lines }
  } catch (error) {
    background(ctx.commit((tx) => tx.endHop(begun, { status: 'failed', error: String(error) })))
    throw error
  } finally {
    ended = true
  }
}

/** The commit is not waited for: a trace that lacks a killed server's last moment is still true. */
function beginHop(ctx: Context, { version, requestId, action }: Run): TraceRef {
  let ref: TraceRef = ctx.trace
  const hop = { service: 'lambda', action, resource: version.name, status: 'running' as const, subjects: [requestId] }
  background(
    ctx.commit((tx) => {
      ref = tx.hop(hop)
    }),
  )
  return ref
}

function endHop(ctx: Context, ref: TraceRef, spec: FunctionSpec, result: InvocationResult): void {
  const { billedMilliseconds, memoryMegabytesMax, initMilliseconds, errorType, logStream } = result
  const end = {
    status: errorType ? ('failed' as const) : ('ok' as const),
    ...(errorType && { error: `${errorType}: ${errorMessageOf(result.payload)}` }),
    costUsd: costUsd(spec.memoryMegabytes, billedMilliseconds),
    logs: { group: spec.logGroup, stream: logStream },
    detail: {
      milliseconds: Math.round(result.durationMilliseconds * 100) / 100,
      billedMilliseconds,
      memoryMegabytesMax,
      ...(initMilliseconds !== undefined && { initMilliseconds: Math.round(initMilliseconds * 100) / 100 }),
    },
  }
  background(ctx.commit((tx) => tx.endHop(ref, end)))
}

/** A commit that nobody waits for fails only when the store does, and then every answer says so. */
function background(commit: Promise<unknown>): void {
  commit.catch(() => undefined)
}

/** us-east-1, x86: a request, and each gigabyte-second. */
const requestUsd = 0.0000002
const gigabyteSecondUsd = 0.0000166667

export function costUsd(memoryMegabytes: number, billedMilliseconds: number): number {
  return requestUsd + (memoryMegabytes / 1024) * (billedMilliseconds / 1000) * gigabyteSecondUsd
}

/** What the function's error says; empty where its payload is no error. */
export function errorMessageOf(payload: Uint8Array): string {
  try {
    const parsed = JSON.parse(Buffer.from(payload).toString('utf8')) as { errorMessage?: unknown } | null
    return typeof parsed?.errorMessage === 'string' ? parsed.errorMessage : ''
  } catch {
    return ''
  }
}
