/** How the process of an instance is started: which program, with which files in view. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { instanceEnvironment } from './environment.ts'
import type { FunctionSpec } from './functionSpec.ts'
import type { Interpreter, RuntimeName } from './interpreters.ts'

/** Which descriptors the bootstrap finds its Runtime API and its log at. */
const descriptors = { runtime: 3, log: 4 }

export interface LaunchPlan {
  spec: FunctionSpec
  runtime: RuntimeName
  interpreter: Interpreter
  logStream: string
  /** The package's runtimes/ folder, with the bootstraps. */
  runtimesFolder: string
  temporaryFolder: string
  nodePackagesFolder?: string
}

/** A process group of its own, so that all a function started can be ended together. */
export function launchInstance(plan: LaunchPlan): ChildProcess {
  const { spec, interpreter } = plan
  mkdirSync(plan.temporaryFolder, { recursive: true })
  const runtimeFolder = path.join(
    plan.runtimesFolder,
    `lambda-${plan.runtime.language === 'nodejs' ? 'node' : 'python'}`,
  )
  const environment = instanceEnvironment(spec, {
    runtime: plan.runtime,
    interpreter,
    logStream: plan.logStream,
    descriptors,
    places: {
      taskFolder: spec.codeFolder,
      layersFolder: spec.layersFolder ? '/opt' : undefined,
      runtimeFolder,
      temporaryFolder: plan.temporaryFolder,
      nodePackagesFolder: plan.nodePackagesFolder,
    },
  })
  const program = [interpreter.path, ...programArguments(plan.runtime, spec, runtimeFolder)]
  const [command, ...commandArguments] = spec.layersFolder ? withLayers(spec.layersFolder, program) : program
  return spawn(command as string, commandArguments, {
    cwd: spec.codeFolder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  })
}

function programArguments(runtime: RuntimeName, spec: FunctionSpec, runtimeFolder: string): string[] {
  if (runtime.language === 'python') return [path.join(runtimeFolder, 'bootstrap.py')]
  return [`--max-old-space-size=${spec.memoryMegabytes}`, path.join(runtimeFolder, 'bootstrap.mjs')]
}

const isRoot = () => process.getuid?.() === 0

/** A mount namespace in which the layers lie at /opt, as on AWS; the host's own /opt stays as it is. */
function withLayers(layersFolder: string, program: string[]): string[] {
  const script = 'mount --bind "$1" /opt && shift && exec "$@"'
  return ['unshare', ...(isRoot() ? ['-m'] : ['-m', '-r']), 'sh', '-c', script, 'sh', layersFolder, ...program]
}

/** Why layers cannot be mounted here, and what to do; undefined where they can. */
export async function layersObstacle(interpreterPath: string): Promise<string | undefined> {
  const fix =
    'Put what the layers hold into the function package itself, or run on a Linux host that allows user namespaces.'
  if (interpreterPath.startsWith('/opt/')) {
    return `Layers are mounted at /opt, but this machine's interpreter is ${interpreterPath}. ${fix}`
  }
  const [command, ...commandArguments] = withLayers('/opt', ['true'])
  try {
    await promisify(execFile)(command as string, commandArguments)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n')[0] : String(error)
    return `Layers are mounted at /opt in a mount namespace, which this host does not allow (${reason}). ${fix}`
  }
}
