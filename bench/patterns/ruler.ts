/** event-ruler beside us: fetched by Maven, driven by a small program, with whichever collector suits it better. */
import { type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import type { Bank } from './banks.ts'

const version = '2.0.1'
const collectors = ['-XX:+UseSerialGC', '-XX:+UseG1GC']

/** A process for each collector. They stand by, and match while nobody else does. */
export class Rulers {
  readonly #folder: string
  readonly #processes: RulerProcess[]

  /** Undefined where there is no Java, no Maven or no way to fetch it. */
  static async start(banks: Bank[], events: string[]): Promise<Rulers | undefined> {
    const folder = mkdtempSync(join(tmpdir(), 'igarape-ruler-'))
    const classpath = fetchRuler(folder)
    if (!classpath) {
      rmSync(folder, { recursive: true, force: true })
      return undefined
    }
    const [eventsFile, banksFile] = [join(folder, 'events.txt'), join(folder, 'banks.json')]
    writeFileSync(eventsFile, events.join('\n'))
    writeFileSync(banksFile, JSON.stringify(banks))
    const processes = collectors.map(
      (collector) =>
        new RulerProcess([
          collector,
          '-Xms1g',
          '-Xmx1g',
          '-cp',
          `${folder}:${classpath}`,
          'RulerBench',
          eventsFile,
          banksFile,
        ]),
    )
    for (const process of processes) {
      for (const _bank of banks) process.matches.push((await process.line()).split(',').map(Number))
    }
    return new Rulers(folder, processes)
  }

  private constructor(folder: string, processes: RulerProcess[]) {
    this.#folder = folder
    this.#processes = processes
  }

  /** How often each rule of a bank matched. */
  matches(bank: number): number[] {
    return this.#processes[0]?.matches[bank] ?? []
  }

  /** Events a second, of the better collector. */
  async turn(bank: number, millis: number): Promise<number> {
    let best = 0
    for (const process of this.#processes) best = Math.max(best, await process.turn(bank, millis))
    return best
  }

  async stop(): Promise<void> {
    for (const process of this.#processes) await process.stop()
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

class RulerProcess {
  readonly matches: number[][] = []
  readonly #child: ChildProcessByStdio<Writable, Readable, null>
  readonly #lines: AsyncIterator<string>

  constructor(given: string[]) {
    this.#child = spawn('java', given, { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#lines = createInterface({ input: this.#child.stdout })[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    const { value, done } = await this.#lines.next()
    if (done) throw new Error('event-ruler ended before it had answered')
    return value
  }

  async turn(bank: number, millis: number): Promise<number> {
    this.#child.stdin.write(`${bank} ${millis}\n`)
    return Number(await this.line())
  }

  async stop(): Promise<void> {
    const exit = once(this.#child, 'exit')
    this.#child.stdin.end()
    await exit
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

function run(command: string, given: string[], cwd: string): string {
  const { status, stdout, stderr } = spawnSync(command, given, { cwd, encoding: 'utf8', maxBuffer: 1 << 28 })
  if (status !== 0) throw new Error(`${command} failed: ${stderr}`)
  return stdout
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
