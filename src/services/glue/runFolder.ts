/** A run's own folder: its script and the modules and files that its arguments name, fetched from S3. */
import { copyFile, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import type { RunHost } from '../../engines/jobs/host.ts'
import type { JobRun } from './jobRunRecords.ts'

export interface Prepared {
  scriptPath: string
  pythonPaths: string[]
}

/** A run cannot begin: its error message says why, in Glue's words where it has some. */
export class LaunchError extends Error {}

const refused = ['--extra-jars', '--additional-python-modules', '--class', '--user-jars-first']

export async function prepareFolder(folder: string, run: JobRun, host: RunHost): Promise<Prepared> {
  checkArguments(run)
  await mkdir(folder, { recursive: true })
  const location = run.settings.Command?.ScriptLocation ?? ''
  const scriptPath = await fetchTo(folder, location, host, 'script')
  const modules = listOf(run.arguments['--extra-py-files'])
  const pythonPaths = await Promise.all(modules.map((uri) => fetchTo(folder, uri, host, 'module')))
  await Promise.all(listOf(run.arguments['--extra-files']).map((uri) => fetchTo(folder, uri, host, 'file')))
  // A module that is a single file is found by its folder; a zip or wheel is on the path itself.
  return { scriptPath, pythonPaths: pythonPaths.map((path) => (path.endsWith('.py') ? folder : path)) }
}

function checkArguments({ arguments: given, settings }: JobRun): void {
  const unknown = refused.find((name) => given[name])
  if (unknown) throw new LaunchError(`LAUNCH ERROR | The job argument ${unknown} is not implemented by Igarapé.`)
  const command = settings.Command?.Name
  if (command !== 'glueetl' && command !== 'pythonshell')
    throw new LaunchError(`LAUNCH ERROR | Jobs of the command ${command} are not implemented by Igarapé.`)
  if (given['--job-language'] === 'scala')
    throw new LaunchError('LAUNCH ERROR | Scala scripts are not implemented by Igarapé.')
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
