/** A function's configuration: read from a request, checked in AWS's words, and given back as AWS shows it. */
import type { Context } from '../../delivery/context.ts'
import { runtimeNamed } from '../../engines/functions/interpreters.ts'
import type { Scope } from '../../store/collection.ts'
import { awsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { functionArn, latest, user } from './identifiers.ts'
import { layerVersions } from './layers.ts'
import type { FunctionVersion } from './records.ts'

const { InvalidParameterValueException } = awsErrors('lambda')

/** The members that CreateFunction and UpdateFunctionConfiguration share. */
export interface ConfigurationInput {
  Runtime?: string | undefined
  Handler?: string | undefined
  Role?: string | undefined
  Description?: string | undefined
  Timeout?: number | undefined
  MemorySize?: number | undefined
  Environment?: { Variables?: Record<string, string> | undefined } | undefined
  Layers?: string[] | undefined
  DeadLetterConfig?: { TargetArn?: string | undefined } | undefined
  TracingConfig?: { Mode?: string | undefined } | undefined
  KMSKeyArn?: string | undefined
  EphemeralStorage?: { Size: number | undefined } | undefined
  LoggingConfig?: LoggingInput | undefined
  VpcConfig?: unknown
  FileSystemConfigs?: unknown
  SnapStart?: unknown
}

interface LoggingInput {
  LogFormat?: string | undefined
  LogGroup?: string | undefined
  ApplicationLogLevel?: string | undefined
  SystemLogLevel?: string | undefined
}

type Configuration = Omit<FunctionVersion, 'name' | 'version' | 'code' | 'architectures' | 'revisionId' | 'modifiedAt'>

export const defaults: Configuration = {
  runtime: '',
  handler: '',
  role: '',
  description: '',
  timeoutSeconds: 3,
  memoryMegabytes: 128,
  ephemeralMegabytes: 512,
  environment: {},
  layers: [],
  tracingMode: 'PassThrough',
  logging: { format: 'Text' },
  kept: {},
}

/** What a request says over what was there. Errors: InvalidParameterValueException, NotImplemented for runtimes. */
export function configured<C extends Configuration>(before: C, input: ConfigurationInput): C {
  const after: C = {
    ...before,
    runtime: input.Runtime ?? before.runtime,
    handler: input.Handler ?? before.handler,
    role: input.Role ?? before.role,
    description: input.Description ?? before.description,
    timeoutSeconds: input.Timeout ?? before.timeoutSeconds,
    memoryMegabytes: input.MemorySize ?? before.memoryMegabytes,
    ephemeralMegabytes: input.EphemeralStorage?.Size ?? before.ephemeralMegabytes,
    environment: input.Environment ? (input.Environment.Variables ?? {}) : before.environment,
    layers: input.Layers ?? before.layers,
    tracingMode: input.TracingConfig?.Mode ?? before.tracingMode,
    logging: input.LoggingConfig ? loggingOf(input.LoggingConfig) : before.logging,
    kept: { ...before.kept, ...keptOf(input) },
    ...(input.KMSKeyArn && { kmsKeyArn: input.KMSKeyArn }),
  }
  if (input.DeadLetterConfig) {
    const { TargetArn } = input.DeadLetterConfig
    if (TargetArn) after.deadLetterArn = TargetArn
    else delete after.deadLetterArn
  }
  check(after)
  return after
}

function loggingOf(input: LoggingInput): FunctionVersion['logging'] {
  const format = input.LogFormat === 'JSON' ? 'JSON' : 'Text'
  if (format === 'Text' && (input.ApplicationLogLevel || input.SystemLogLevel)) {
    throw InvalidParameterValueException('Log level settings are only supported with the JSON log format.', user)
  }
  return {
    format,
    ...(input.LogGroup && { group: input.LogGroup }),
    ...(format === 'JSON' && {
      applicationLevel: input.ApplicationLogLevel ?? 'INFO',
      systemLevel: input.SystemLogLevel ?? 'INFO',
    }),
  }
}

function keptOf(input: ConfigurationInput): FunctionVersion['kept'] {
  return {
    ...(input.VpcConfig !== undefined && { VpcConfig: input.VpcConfig }),
    ...(input.FileSystemConfigs !== undefined && { FileSystemConfigs: input.FileSystemConfigs }),
    ...(input.SnapStart !== undefined && { SnapStart: input.SnapStart }),
  }
}

const timeoutSecondsMax = 900
const memoryMegabytesMax = 10_240
const environmentBytesMax = 4096
const layersMax = 5
/** Families that AWS runs and Igarapé does not. */
const otherRuntimes = /^(java|dotnet|go|ruby|provided)[a-z0-9.]*$/

function check(configuration: Configuration): void {
  const { runtime, handler, layers, deadLetterArn } = configuration
  if (!runtime)
    throw InvalidParameterValueException(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      user,
    )
  if (!runtimeNamed(runtime)) {
    if (otherRuntimes.test(runtime))
      throw NotImplemented(`lambda: the runtime ${runtime} (functions run on Node.js and Python)`)
    throw InvalidParameterValueException(
      `Value ${runtime} at 'runtime' failed to satisfy constraint: Member must satisfy enum value set: [nodejs20.x, nodejs22.x, nodejs24.x, python3.10, python3.11, python3.12, python3.13, python3.14] or be a valid ARN`,
      user,
    )
  }
  if (!handler)
    throw InvalidParameterValueException(
      'Runtime and Handler are mandatory parameters for functions created with deployment packages.',
      user,
    )
  if (layers.length > layersMax)
    throw InvalidParameterValueException(`Cannot reference more than ${layersMax} layers.`, user)
  if (deadLetterArn && !/^arn:aws[a-z-]*:(sqs|sns):/.test(deadLetterArn)) {
    throw InvalidParameterValueException('The provided target ARN must be an SQS queue or an SNS topic.', user)
  }
  checkMost('timeout', configuration.timeoutSeconds, timeoutSecondsMax)
  checkMost('memorySize', configuration.memoryMegabytes, memoryMegabytesMax)
  checkEnvironment(configuration.environment)
}

/** Limits that the service's model does not have. */
function checkMost(member: string, value: number, most: number): void {
  if (value <= most) return
  throw awsError(
    'ValidationException',
    `1 validation error detected: Value '${value}' at '${member}' failed to satisfy constraint: Member must have value less than or equal to ${most}`,
  )
}

const reservedVariables = new Set([
  ...['_HANDLER', '_X_AMZN_TRACE_ID', 'AWS_DEFAULT_REGION', 'AWS_REGION', 'AWS_EXECUTION_ENV'],
  ...['AWS_LAMBDA_FUNCTION_NAME', 'AWS_LAMBDA_FUNCTION_MEMORY_SIZE', 'AWS_LAMBDA_FUNCTION_VERSION'],
  ...['AWS_LAMBDA_INITIALIZATION_TYPE', 'AWS_LAMBDA_LOG_GROUP_NAME', 'AWS_LAMBDA_LOG_STREAM_NAME'],
  ...['AWS_ACCESS_KEY', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_SECRET_KEY', 'AWS_SESSION_TOKEN'],
  ...['AWS_LAMBDA_RUNTIME_API', 'LAMBDA_TASK_ROOT', 'LAMBDA_RUNTIME_DIR'],
])

function checkEnvironment(environment: Record<string, string>): void {
  const reserved = Object.keys(environment).filter((name) => reservedVariables.has(name))
  if (reserved.length > 0) {
    throw InvalidParameterValueException(
      `Lambda was unable to configure your environment variables because the environment variables you have provided contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(', ')}`,
      user,
    )
  }
  const text = JSON.stringify(environment)
  if (Buffer.byteLength(text) > environmentBytesMax) {
    throw InvalidParameterValueException(
      `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: ${text}`,
      user,
    )
  }
}

/** `2025-10-20T08:00:00.000+0000` */
export function lambdaTime(at: number): string {
  return new Date(at).toISOString().replace('Z', '+0000')
}

/** A version as AWS shows it. `qualified` ARNs end in the version, those of `$LATEST` do not. */
export function configurationOutput(ctx: Pick<Context, 'in'> & Scope, record: FunctionVersion, qualified = false) {
  const logGroup = logGroupOf(record)
  return {
    FunctionName: record.name,
    FunctionArn: functionArn(ctx, record.name, qualified || record.version !== latest ? record.version : undefined),
    Runtime: record.runtime as never,
    Role: record.role,
    Handler: record.handler,
    CodeSize: record.code.bytes,
    Description: record.description,
    Timeout: record.timeoutSeconds,
    MemorySize: record.memoryMegabytes,
    LastModified: lambdaTime(record.modifiedAt),
    CodeSha256: record.code.sha256,
    Version: record.version,
    ...(record.deadLetterArn && { DeadLetterConfig: { TargetArn: record.deadLetterArn } }),
    ...(Object.keys(record.environment).length > 0 && { Environment: { Variables: record.environment } }),
    ...(record.kmsKeyArn && { KMSKeyArn: record.kmsKeyArn }),
    TracingConfig: { Mode: record.tracingMode as never },
    RevisionId: record.revisionId,
    ...(record.layers.length > 0 && {
      Layers: record.layers.map((arn) => ({
        Arn: arn,
        CodeSize: ctx.in(layerVersions).get(...layerKey(arn))?.code.bytes,
      })),
    }),
    State: 'Active' as const,
    LastUpdateStatus: 'Successful' as const,
    PackageType: 'Zip' as const,
    Architectures: record.architectures as never,
    EphemeralStorage: { Size: record.ephemeralMegabytes },
    SnapStart: { ApplyOn: 'None' as const, OptimizationStatus: 'Off' as const },
    LoggingConfig: {
      LogFormat: record.logging.format,
      LogGroup: logGroup,
      ...(record.logging.applicationLevel && { ApplicationLogLevel: record.logging.applicationLevel as never }),
      ...(record.logging.systemLevel && { SystemLogLevel: record.logging.systemLevel as never }),
    },
    ...(record.kept as object),
  }
}

export function logGroupOf(record: FunctionVersion): string {
  return record.logging.group ?? `/aws/lambda/${record.name}`
}

export function layerKey(arn: string): [string, number] {
  const parts = arn.split(':')
  return [parts[6] ?? '', Number(parts[7])]
}
