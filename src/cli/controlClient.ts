/** Asks a running server through its control API, `/_igarape/*`. All commands but `start` and `doctor` are its clients. */
import { UserError } from '../userError.ts'
import { type Flags, readFlags } from './optionFlags.ts'

export interface ControlClient {
  readonly endpoint: string
  get<T>(path: string): Promise<T>
  post<T>(path: string, body: object): Promise<T>
}

/**
 * The flags of a command that talks to a server: `--endpoint URL`, `--port` or `--host` say to which; without them
 * AWS_ENDPOINT_URL does, as to every SDK.
 */
export function readClientFlags(
  given: string[],
  own: Record<string, 'string' | 'boolean'> = {},
): Flags & { control: ControlClient } {
  const flags = readFlags(given, { endpoint: 'string', json: 'boolean', ...own })
  const { host, port } = flags.options
  const reachable = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host
  const isPlaced = given.some((flag) => /^--(port|host)\b/.test(flag))
  const known = isPlaced ? undefined : flags.options.wholeEnvironment.AWS_ENDPOINT_URL
  const endpoint = String(flags.own.endpoint ?? known ?? `http://${reachable}:${port}`).replace(/\/+$/, '')
  return { ...flags, control: controlClient(endpoint) }
}

export const clientHelp = `  --port N         the server's port [4566]
  --endpoint URL   the server's address, instead; without both, what AWS_ENDPOINT_URL says
  --json           what the server answered, as it is`

export function controlClient(endpoint: string): ControlClient {
  return {
    endpoint,
    get: (path) => ask(endpoint, path),
    post: (path, body) => ask(endpoint, path, { method: 'POST', body: JSON.stringify(body) }),
  }
}

async function ask<T>(endpoint: string, path: string, request: RequestInit = {}): Promise<T> {
  const response = await fetch(`${endpoint}/_igarape${path}`, request).catch((error: Error) => {
    throw new UserError(`No server answers at ${endpoint} (${causeOf(error)}).`, {
      fix: 'Start one with `igarape start`, or say where it is with --port, --endpoint or AWS_ENDPOINT_URL.',
    })
  })
  const text = await response.text()
  if (response.ok) return JSON.parse(text) as T
  throw new UserError(messageIn(text) ?? `${endpoint} answered ${response.status}.`, {
    fix: hints[response.status] ?? '',
  })
}

const hints: Record<number, string> = {
  404: 'See what there is with `igarape trace`.',
  501: 'This server does not have it (yet).',
}

function causeOf(error: Error): string {
  const cause = error.cause as { code?: string } | undefined
  return cause?.code ?? error.message
}

function messageIn(text: string): string | undefined {
  try {
    const { message, Message } = JSON.parse(text) as { message?: string; Message?: string }
    return message ?? Message
  } catch {
    return /<Message>([^<]*)</.exec(text)?.[1]
  }
}
