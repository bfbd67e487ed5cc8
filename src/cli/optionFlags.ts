/** Server settings on the command line: `--body-bytes-max 1000` is `bodyBytesMax` of options.ts. */
import { parseArgs } from 'node:util'
import { type Options, parsed, readOptions, settings } from '../options.ts'

type Name = keyof typeof settings
export interface Flags {
  options: Options
  /** Flags of the command's own, by name; a switch is true. */
  own: Record<string, string | boolean | undefined>
  positionals: string[]
}

/** Reads the server's settings and the command's own flags (`string` takes a value, `boolean` is a switch). */
export function readFlags(given: string[], own: Record<string, 'string' | 'boolean'> = {}): Flags {
  const names = Object.keys(settings) as Name[]
  const { values, positionals } = parseArgs({
    args: given,
    allowPositionals: true,
    options: {
      ...Object.fromEntries(names.map((name) => [flagOf(name), { type: kindOf(name) }])),
      ...Object.fromEntries(Object.entries(own).map(([name, type]) => [name, { type }])),
    },
  })
  const chosen = Object.fromEntries(
    names.flatMap((name) => {
      const value = values[flagOf(name)]
      if (value === undefined) return []
      return [
        [
          name,
          typeof value === 'string' ? parsed(value, settings[name].fallback as never, `--${flagOf(name)}`) : value,
        ],
      ]
    }),
  )
  return { options: readOptions(chosen), own: values as Flags['own'], positionals }
}

/** The settings as `--help` shows them. */
export function optionsHelp(): string {
  return (Object.keys(settings) as Name[])
    .map((name) => {
      const { fallback, meaning } = settings[name]
      const flag = `--${flagOf(name)}${typeof fallback === 'boolean' ? '' : ` ${typeof fallback === 'number' ? 'N' : 'TEXT'}`}`
      const shown = fallback === '' || fallback === false ? '' : ` [${fallback}]`
      return `  ${flag.padEnd(30)} ${meaning}${shown}`
    })
    .join('\n')
}

function flagOf(name: Name): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

function kindOf(name: Name): 'string' | 'boolean' {
  return typeof settings[name].fallback === 'boolean' ? 'boolean' : 'string'
}
