/**
 * The command line: finds the command, loads it alone, tells of failures in words. A command's file is imported only
 * when it is called, since `igarape start` should answer its first request within a blink.
 */
import { version } from '../control/version.ts'
import type { Command } from './command.ts'
import { paint } from './terminal.ts'

const commands: Record<string, { summary: string; load: () => Promise<Command> }> = {
  start: { summary: 'start the server', load: async () => (await import('./start.ts')).start },
  demo: {
    summary: 'run the sales pipeline from a CSV file to the warehouse',
    load: async () => (await import('./demo/demo.ts')).demo,
  },
  trace: {
    summary: "show a file's or an event's way: `trace`, `trace KEY`, `trace ID`",
    load: async () => (await import('./trace.ts')).trace,
  },
  explain: {
    summary: 'say why a rule did or did not match an event',
    load: async () => (await import('./explain.ts')).explain,
  },
  events: {
    summary: 'watch a bus live; try a pattern on an event, or make one from it',
    load: async () => (await import('./events.ts')).events,
  },
  mail: { summary: 'read the e-mails that the server kept', load: async () => (await import('./mail.ts')).mail },
  outbox: {
    summary: 'read the text messages and push notifications that the server kept',
    load: async () => (await import('./outbox.ts')).outbox,
  },
  clock: {
    summary: 'show AWS time; `clock advance 1h` moves a virtual clock',
    load: async () => (await import('./clock.ts')).clock,
  },
  reset: { summary: 'delete everything that the server keeps', load: async () => (await import('./reset.ts')).reset },
  install: {
    summary: 'make the Python environment now instead of when it is first needed',
    load: async () => (await import('./install.ts')).install,
  },
  doctor: { summary: 'say what this machine has and lacks', load: async () => (await import('./doctor.ts')).doctor },
}

const [name = 'help', ...rest] = process.argv.slice(2)
process.exitCode = await run(name, rest)

async function run(name: string, given: string[]): Promise<number> {
  const entry = commands[name]
  if (!entry) return help(name)
  const command = await entry.load()
  if (given.includes('--help') || given.includes('-h')) {
    console.log(command.usage.trim())
    return 0
  }
  try {
    return await command.run(given)
  } catch (error) {
    console.error(failure(error))
    return 1
  }
}

function help(name: string): number {
  if (name === '--version' || name === 'version') {
    console.log(version)
    return 0
  }
  const asked = ['help', '--help', '-h'].includes(name)
  const say = asked ? console.log : console.error
  if (!asked) say(`${paint.red(`There is no command ${name}.`)}\n`)
  say(`${paint.bold('igarape')}: AWS data pipelines on your own machine\n`)
  for (const [command, { summary }] of Object.entries(commands)) say(`  igarape ${command.padEnd(8)} ${summary}`)
  say('\n`igarape COMMAND --help` tells the options of a command.')
  return asked ? 0 : 2
}

/** A mistake of the user's in words with what to do; a bug with its stack. */
function failure(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const fix = 'fix' in error && typeof error.fix === 'string' ? error.fix : undefined
  const isUsage = error.name === 'BadOption' || ('code' in error && String(error.code).startsWith('ERR_PARSE_ARGS'))
  if (fix !== undefined) return `${paint.red(error.message)}\n${fix}`.trimEnd()
  if (isUsage) return `${paint.red(error.message)}\n\`igarape COMMAND --help\` tells the options.`
  return error.stack ?? error.message
}
