/** The environment variables of a function instance: what Lambda sets, what the function's settings add, nothing else. */
import path from 'node:path'
import type { FunctionSpec } from './functionSpec.ts'
import type { Interpreter, RuntimeName } from './interpreters.ts'

export interface InstancePlaces {
  taskFolder: string
  /** Where layers are seen from inside, `/opt`; undefined without layers. */
  layersFolder?: string
  runtimeFolder: string
  temporaryFolder: string
  nodePackagesFolder?: string
}

export interface InstanceDescriptors {
  runtime: number
  log: number
}

const locale = { LANG: 'en_US.UTF-8', TZ: ':UTC' }
// Bytecode beside the code would change a folder that versions share.
const pythonSettings = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1' }

/** What a Python interpreter finds at its start unless the function's settings say otherwise. */
export function pythonEnvironment(interpreter: Interpreter): Record<string, string> {
  return { PATH: executablePath(interpreter), ...locale, PYTHONPATH: '', ...pythonSettings }
}

export function instanceEnvironment(
  spec: FunctionSpec,
  launch: {
    runtime: RuntimeName
    interpreter: Interpreter
    places: InstancePlaces
    logStream: string
    descriptors: InstanceDescriptors
  },
): Record<string, string> {
  const { places, interpreter, runtime } = launch
  const layers = places.layersFolder
  return {
    PATH: executablePath(interpreter, layers && `${layers}/bin`),
    LD_LIBRARY_PATH: joined([places.taskFolder, `${places.taskFolder}/lib`, layers && `${layers}/lib`]),
    ...locale,
    HOME: places.temporaryFolder,
    TMPDIR: places.temporaryFolder,
    LAMBDA_TASK_ROOT: places.taskFolder,
    LAMBDA_RUNTIME_DIR: places.runtimeFolder,
    AWS_REGION: spec.region,
    AWS_DEFAULT_REGION: spec.region,
    AWS_ACCESS_KEY_ID: spec.accountId,
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_SESSION_TOKEN: 'test',
    AWS_EXECUTION_ENV: `AWS_Lambda_${spec.runtime}`,
    AWS_LAMBDA_FUNCTION_NAME: spec.name,
    AWS_LAMBDA_FUNCTION_VERSION: spec.version,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(spec.memoryMegabytes),
    AWS_LAMBDA_INITIALIZATION_TYPE: 'on-demand',
    AWS_LAMBDA_LOG_GROUP_NAME: spec.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: launch.logStream,
    AWS_XRAY_CONTEXT_MISSING: 'LOG_ERROR',
    ...daemonAddress(spec.xrayDaemon),
    _HANDLER: spec.handler,
    ...(spec.logFormat === 'JSON'
      ? { AWS_LAMBDA_LOG_FORMAT: 'JSON', AWS_LAMBDA_LOG_LEVEL: spec.logLevel ?? 'INFO' }
      : {}),
    ...(spec.endpoint ? { AWS_ENDPOINT_URL: spec.endpoint } : {}),
    ...modulePaths(runtime, interpreter, places),
    ...spec.environment,
    IGARAPE_RUNTIME_FD: String(launch.descriptors.runtime),
    IGARAPE_LOG_FD: String(launch.descriptors.log),
  }
}

/** The whole, as the SDKs read it; and in its parts, as older ones do. */
function daemonAddress(address: string | undefined): Record<string, string> {
  if (!address) return {}
  const [host = '', port = ''] = address.split(':')
  return { AWS_XRAY_DAEMON_ADDRESS: address, _AWS_XRAY_DAEMON_ADDRESS: host, _AWS_XRAY_DAEMON_PORT: port }
}

function modulePaths(runtime: RuntimeName, interpreter: Interpreter, places: InstancePlaces): Record<string, string> {
  const layers = places.layersFolder
  if (runtime.language === 'nodejs') {
    const major = interpreter.version.split('.')[0]
    const folders = layers ? [`${layers}/nodejs/node${major}/node_modules`, `${layers}/nodejs/node_modules`] : []
    return { NODE_PATH: joined([...folders, places.nodePackagesFolder, places.taskFolder]) }
  }
  const minor = interpreter.version.split('.').slice(0, 2).join('.')
  const folders = layers ? [`${layers}/python/lib/python${minor}/site-packages`, `${layers}/python`] : []
  return { PYTHONPATH: joined(folders), ...pythonSettings }
}

function executablePath(interpreter: Interpreter, ofLayers?: string): string {
  return joined([path.dirname(interpreter.path), '/usr/local/bin', '/usr/bin', '/bin', ofLayers])
}

function joined(parts: (string | undefined)[]): string {
  return parts.filter(Boolean).join(path.delimiter)
}
