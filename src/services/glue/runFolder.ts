/** A run's own folder: its script and the modules and files that its arguments name, fetched from S3. */
import { copyFile, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RunHost } from '../../engines/jobs/host.ts'
import { ModulesError } from '../../engines/python/modules.ts'
import { isScala, type JobArguments, refusalOf } from './jobParameters.ts'
import type { JobRun } from './jobRunRecords.ts'

export interface Libraries {
  pythonPaths: string[]
  /** Packages that go before those of the environment. */
  modulesFolder?: string
  /** What Spark's Java machine loads beside its own. */
  jars: string[]
}

export interface Prepared extends Libraries {
  scriptPath: string
  /** Of a script in Scala. */
  mainClass?: string
}

/** A run cannot begin: its error message says why, in Glue's words where it has some. */
export class LaunchError extends Error {}

/** Installs packages, and gives the folder where they are. */
export type Installer = (modules: string[], options: string[]) => Promise<string>

export async function prepareFolder(folder: string, run: JobRun, host: RunHost, install: Installer): Promise<Prepared> {
  checkArguments(run)
  await mkdir(folder, { recursive: true })
  const location = run.arguments['--scriptLocation'] ?? run.settings.Command?.ScriptLocation ?? ''
  const scriptPath = await fetchTo(folder, location, host, 'script')
  const mainClass = isScala(run.arguments) ? mustNameClass(run.arguments) : undefined
  return {
    scriptPath,
    ...(mainClass && { mainClass }),
    ...(await prepareLibraries(folder, run.arguments, host, install)),
  }
}

function mustNameClass(given: JobArguments): string {
  const name = given['--class']
  if (!name) throw new LaunchError('LAUNCH ERROR | A job in Scala names the class of its main method by --class.')
  return name
}

/** What the arguments name beside the script. */
export async function prepareLibraries(
  folder: string,
  given: JobArguments,
  host: RunHost,
  install: Installer,
): Promise<Libraries> {
  const modules = listOf(given['--extra-py-files'])
  const pythonPaths = await Promise.all(modules.map((uri) => fetchTo(folder, uri, host, 'module')))
  await Promise.all(listOf(given['--extra-files']).map((uri) => fetchTo(folder, uri, host, 'file')))
  const jars = await Promise.all(listOf(given['--extra-jars']).map((uri) => fetchTo(folder, uri, host, 'jar')))
  const modulesFolder = await modulesOf(given, folder, host, install)
  // A module that is a single file is found by its folder; a zip or wheel is on the path itself.
  return {
    pythonPaths: pythonPaths.map((path) => (path.endsWith('.py') ? folder : path)),
    ...(modulesFolder && { modulesFolder }),
    jars,
  }
}

function checkArguments({ arguments: given, settings }: JobRun): void {
  const refusal = refusalOf(given)
  if (refusal) throw new LaunchError(`LAUNCH ERROR | ${refusal} is not implemented by Igarapé.`)
  const command = settings.Command?.Name
  if (command === 'pythonshell' && (isScala(given) || given['--extra-jars']))
    throw new LaunchError('LAUNCH ERROR | A Python shell job has no Java machine for Scala or --extra-jars.')
  if (command !== 'glueetl' && command !== 'pythonshell')
    throw new LaunchError(`LAUNCH ERROR | Jobs of the command ${command} are not implemented by Igarapé.`)
}

/** `--additional-python-modules`: names for pip, and wheels or lists of requirements in S3. */
async function modulesOf(
  given: JobArguments,
  folder: string,
  host: RunHost,
  install: Installer,
): Promise<string | undefined> {
  const wanted = listOf(given['--additional-python-modules'])
  if (wanted.length === 0) return undefined
  const words = (given['--python-modules-installer-option'] ?? '').split(/\s+/).filter(Boolean)
  // With -r the modules are lists of requirements.
  const isList = words.includes('-r') || words.includes('--requirement')
  const options = words.filter((word) => word !== '-r' && word !== '--requirement')
  const modules: string[] = []
  for (const module of wanted) {
    const local = /^s3[an]?:/.test(module) ? await fetchTo(folder, module, host, 'module') : module
    modules.push(...(isList ? ['-r', local] : [local]))
  }
  try {
    return await install(modules, options)
  } catch (error) {
    if (!(error instanceof ModulesError)) throw error
    throw new LaunchError(
      `LAUNCH ERROR | The Python modules ${wanted.join(', ')} could not be installed: ${error.message}`,
    )
  }
}

function listOf(text: string | undefined): string[] {
  return (text ?? '').split(',').flatMap((uri) => uri.trim() || [])
}

async function fetchTo(folder: string, uri: string, host: RunHost, what: string): Promise<string> {
  const match = /^s3[an]?:\/\/([^/]+)\/(.+)$/.exec(uri)
  if (!match) throw new LaunchError(`LAUNCH ERROR | The ${what} location ${uri || '(none)'} is no s3:// address.`)
  const [, bucket = '', key = ''] = match
  const target = join(folder, basename(key))
  try {
    const { files } = await host.lake.open(bucket, [key])
    await copyFile(files[0]?.path ?? '', target)
  } catch (error) {
    const { name, message } = error as Error
    throw new LaunchError(`LAUNCH ERROR | File not found: ${uri} (${name}: ${message})`)
  }
  return target
}
