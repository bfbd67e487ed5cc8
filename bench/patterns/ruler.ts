/** event-ruler beside us: fetched by Maven, driven by a small program, with whichever collector suits it better. */
import { spawnSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bank } from './banks.ts'

export interface BankResult {
  eventsPerSecond: number
  /** How often each rule of the bank matched. */
  matches: number[]
}

const version = '2.0.1'
const collectors = ['-XX:+UseSerialGC', '-XX:+UseG1GC']

/** One result a bank, or undefined where there is no Java, no Maven or no way to fetch it. */
export function benchRuler(banks: Bank[], events: string[], measuredMillis: number): BankResult[] | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'igarape-ruler-'))
  try {
    const classpath = fetchRuler(folder)
    if (!classpath) return undefined
    writeFileSync(join(folder, 'events.txt'), events.join('\n'))
    writeFileSync(join(folder, 'banks.json'), JSON.stringify(banks))
    const runs = collectors.map((collector) => {
      const given = [collector, '-Xms2g', '-Xmx2g', '-cp', `${folder}:${classpath}`, 'RulerBench']
      return resultsOf(run('java', [...given, ...inputs(folder), String(measuredMillis)], folder))
    })
    return banks.map((_, at) => better(runs.map((results) => results[at] as BankResult)))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fetchRuler(folder: string): string | undefined {
  if (spawnSync('java', ['-version']).status !== 0 || spawnSync('mvn', ['-version']).status !== 0) return undefined
  writeFileSync(join(folder, 'pom.xml'), pom)
  const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.6.1:build-classpath'
  const fetched = spawnSync('mvn', ['-q', '-B', goal, '-Dmdep.outputFile=classpath.txt'], { cwd: folder })
  if (fetched.status !== 0) return undefined
  const classpath = readFileSync(join(folder, 'classpath.txt'), 'utf8').trim()
  copyFileSync(new URL('./RulerBench.java', import.meta.url), join(folder, 'RulerBench.java'))
  run('javac', ['-cp', classpath, 'RulerBench.java'], folder)
  return classpath
}

function inputs(folder: string): string[] {
  return [join(folder, 'events.txt'), join(folder, 'banks.json')]
}

function run(command: string, given: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, given, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
  return stdout
}

function resultsOf(lines: string): BankResult[] {
  return lines
    .trim()
    .split('\n')
    .map((line) => {
      const [rate, counts = ''] = line.split(' ')
      return { eventsPerSecond: Number(rate), matches: counts.split(',').map(Number) }
    })
}

function better(results: BankResult[]): BankResult {
  return results.reduce((best, each) => (each.eventsPerSecond > best.eventsPerSecond ? each : best))
}

const pom = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>igarape</groupId>
  <artifactId>ruler-bench</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>software.amazon.event.ruler</groupId>
      <artifactId>event-ruler</artifactId>
      <version>${version}</version>
    </dependency>
  </dependencies>
</project>
`
