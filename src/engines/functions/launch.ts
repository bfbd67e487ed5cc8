/** How the process of an instance is started: which program, with which files in view. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { instanceEnvironment, pythonEnvironment } from './environment.ts'
import type { ForkedProcess } from './forkedProcess.ts'
import type { FunctionSpec } from './functionSpec.ts'
import type { Interpreter, RuntimeName } from './interpreters.ts'
import type { Zygotes } from './zygotes.ts'

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
  const { spec } = plan
  const environment = environmentOf(plan)
  const program = [plan.interpreter.path, ...programArguments(plan)]
  const [command, ...commandArguments] = spec.layersFolder ? withLayers(spec.layersFolder, program) : program
  return spawn(command as string, commandArguments, {
    cwd: spec.codeFolder,
    env: environment,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  })
}

/** Undefined where it has to be launched. Layers lie in a mount namespace, which only a program can be started in. */
export async function forkInstance(plan: LaunchPlan, zygotes: Zygotes): Promise<ForkedProcess | undefined> {
  const { spec, interpreter, runtime } = plan
  if (runtime.language !== 'python' || spec.layersFolder) return undefined
  const [script = ''] = programArguments(plan)
  const program = { interpreterPath: interpreter.path, script, environment: pythonEnvironment(interpreter) }
  return await zygotes.fork(program, { folder: spec.codeFolder, environment: environmentOf(plan) })
}

function environmentOf(plan: LaunchPlan): Record<string, string> {
  const { spec, interpreter, runtime } = plan
  return instanceEnvironment(spec, {
    ...{ runtime, interpreter, logStream: plan.logStream, descriptors },
    places: {
      taskFolder: spec.codeFolder,
      layersFolder: spec.layersFolder ? '/opt' : undefined,
      runtimeFolder: runtimeFolder(plan),
      temporaryFolder: plan.temporaryFolder,
      nodePackagesFolder: plan.nodePackagesFolder,
    },
  })
}

function programArguments(plan: LaunchPlan): string[] {
  if (plan.runtime.language === 'python') return [path.join(runtimeFolder(plan), 'bootstrap.py')]
  return [`--max-old-space-size=${plan.spec.memoryMegabytes}`, path.join(runtimeFolder(plan), 'bootstrap.cjs')]
}

function runtimeFolder({ runtime, runtimesFolder }: LaunchPlan): string {
  return path.join(runtimesFolder, `lambda-${runtime.language === 'nodejs' ? 'node' : 'python'}`)
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
