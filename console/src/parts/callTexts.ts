/** An operation of AWS with its input, as the AWS CLI takes it and as boto3 does. */

export interface Call {
  service: string
  operation: string
  input: Readonly<Record<string, unknown>>
}

/** Where the CLI and boto3 call a service otherwise than the JavaScript SDK. */
const otherNames: Readonly<Record<string, string>> = { eventbridge: 'events', 'cloudwatch-logs': 'logs' }

export function shellCommand({ service, operation, input }: Call): string {
  const parts = Object.entries(input).map(([name, value]) => `${optionOf(name, value)}`)
  return [`aws ${otherNames[service] ?? service} ${joined(operation, '-')}`, ...parts].join(' \\\n  ')
}

export function boto3Call({ service, operation, input }: Call): string {
  const parts = Object.entries(input).map(([name, value]) => `    ${name}=${python(value)},\n`)
  const inside = parts.length > 0 ? `\n${parts.join('')}` : ''
  return `boto3.client("${otherNames[service] ?? service}").${joined(operation, '_')}(${inside})`
}

function optionOf(name: string, value: unknown): string {
  const option = joined(name, '-')
  if (value === true) return `--${option}`
  if (value === false) return `--no-${option}`
  if (Array.isArray(value) && value.every((one) => typeof one === 'string'))
    return `--${option} ${value.map(quoted).join(' ')}`
  return `--${option} ${quoted(typeof value === 'object' ? JSON.stringify(value) : String(value))}`
}

/** `ListObjectsV2` → `list-objects-v2` */
function joined(name: string, by: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, `$1${by}$2`)
    .replace(/([A-Z]+)([A-Z][a-z])/g, `$1${by}$2`)
    .toLowerCase()
}

/** As a shell takes it as one word. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`
}

function python(value: unknown): string {
  if (value === true) return 'True'
  if (value === false) return 'False'
  if (value === null || value === undefined) return 'None'
  if (Array.isArray(value)) return `[${value.map(python).join(', ')}]`
  if (typeof value !== 'object') return JSON.stringify(value)
  return `{${Object.entries(value)
    .map(([name, one]) => `${JSON.stringify(name)}: ${python(one)}`)
    .join(', ')}}`
}
