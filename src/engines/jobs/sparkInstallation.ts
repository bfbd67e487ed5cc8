/**
 * Apache Spark for jobs that need it: an environment of its own with PySpark, and the jars by which it reads S3. Made by
 * `igarape install spark` alone, never by a run: it is some gigabytes.
 */
import { execFile } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { UserError } from '../../userError.ts'
import { packageFolder } from '../functions/packageFolder.ts'
import { type EnvironmentPlan, environmentName, preparePython } from '../python/environment.ts'

export interface SparkInstallation {
  python: string
  jarsFolder: string
}

const lock = 'spark-requirements.lock'
const jarsName = 'igarape-jars'

/** The installation of this release, if there is one. */
export function findSpark(cache: string): SparkInstallation | undefined {
  const home = homeOf(cache)
  const wanted = environmentName('', lock)
  const names = existsSync(home) ? readdirSync(home) : []
  return names
    .filter((name) => name.startsWith(wanted) && existsSync(join(home, name, 'ready.json')))
    .map((name) => installationIn(join(home, name)))
    .find(({ jarsFolder }) => existsSync(jarsFolder))
}

/** Errors: UserError where there is no Java or no Python, or packages cannot be fetched. */
export async function installSpark(
  cache: string,
  plan: Omit<EnvironmentPlan, 'home' | 'lock'>,
): Promise<SparkInstallation> {
  await mustHaveJava(plan.hostEnvironment)
  const { folder } = await preparePython({ ...plan, home: homeOf(cache), lock })
  const installation = installationIn(folder)
  if (!existsSync(installation.jarsFolder)) await fetchJars(installation, plan.hostEnvironment)
  await makeSupport(installation, plan.hostEnvironment)
  return installation
}

function homeOf(cache: string): string {
  return join(cache, 'spark')
}

function installationIn(folder: string): SparkInstallation {
  return { python: join(folder, 'bin/python'), jarsFolder: join(folder, jarsName) }
}

async function mustHaveJava(hostEnvironment: Readonly<Record<string, string>>): Promise<void> {
  const java = hostEnvironment.JAVA_HOME ? join(hostEnvironment.JAVA_HOME, 'bin/java') : 'java'
  const { stderr } = await promisify(execFile)(java, ['-version'], { env: { ...hostEnvironment } }).catch(() => ({
    stderr: '',
  }))
  const release = /version "(?:1\.)?(\d+)/.exec(stderr)?.[1]
  if (!['8', '11', '17'].includes(release ?? ''))
    throw new UserError(release ? `Apache Spark 3.5 does not run on Java ${release}.` : 'There is no Java here.', {
      fix: 'Install a Java runtime of release 8, 11 or 17 (on Debian: openjdk-17-jre-headless), or name it by JAVA_HOME.',
    })
}

/** Ours for Spark's Java machine: made now, so that the first run need not wait for it. */
async function makeSupport(
  { python, jarsFolder }: SparkInstallation,
  hostEnvironment: Readonly<Record<string, string>>,
): Promise<void> {
  const env = { ...hostEnvironment, PYTHONPATH: join(packageFolder(), 'runtimes/spark'), PYTHONDONTWRITEBYTECODE: '1' }
  await promisify(execFile)(python, ['-m', 'igarape_spark.support', jarsFolder], { env })
}

/** By the package manager that Spark brings along, from Maven Central. */
async function fetchJars(
  { python, jarsFolder }: SparkInstallation,
  hostEnvironment: Readonly<Record<string, string>>,
): Promise<void> {
  const script = join(packageFolder(), 'runtimes/spark/fetch_jars.py')
  try {
    await promisify(execFile)(python, [script, jarsFolder], { env: { ...hostEnvironment }, maxBuffer: 64 * 2 ** 20 })
  } catch (error) {
    throw new UserError(
      `The jars that Spark reads S3 with could not be fetched: ${(error as Error).message.slice(-1000)}`,
      {
        fix: 'Check the network (they come from Maven Central) and run it again.',
      },
    )
  }
}
