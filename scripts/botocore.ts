/**
 * Botocore's service models, taken from a pinned wheel. They know what the SDK clients' runtime schemas leave out:
 * lengths, ranges, patterns, enums, the kinds of numbers, and which errors an operation may answer.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { unzipSync } from 'fflate'

const version = '1.44.5'
const folder = new URL('../.igarape/botocore/', import.meta.url).pathname
const wheel = `${folder}botocore-${version}-py3-none-any.whl`

export interface BotocoreShape {
  type: string
  members?: Record<string, { shape: string }>
  member?: { shape: string }
  key?: { shape: string }
  value?: { shape: string }
  required?: string[]
  enum?: string[]
  min?: number
  max?: number
  pattern?: string
  timestampFormat?: string
}

export interface BotocoreModel {
  metadata: {
    endpointPrefix: string
    signingName?: string
    protocol: string
    protocols?: string[]
    serviceId: string
    targetPrefix?: string
    apiVersion: string
    xmlNamespace?: string
    jsonVersion?: string
  }
  operations: Record<
    string,
    { input?: { shape: string }; output?: { shape: string; resultWrapper?: string }; errors?: { shape: string }[] }
  >
  shapes: Record<string, BotocoreShape>
}

let files: Record<string, Uint8Array> | undefined

export function botocoreModel(name: string): BotocoreModel {
  files ??= openWheel()
  const paths = Object.keys(files).filter((path) => path.startsWith(`botocore/data/${name}/`))
  const path = paths.sort().at(-1)
  if (!path) throw new Error(`botocore ${version} has no model named ${name}.`)
  return JSON.parse(new TextDecoder().decode(gunzipSync(files[path]!)))
}

function openWheel(): Record<string, Uint8Array> {
  if (!existsSync(wheel)) {
    mkdirSync(folder, { recursive: true })
    execFileSync('python3', ['-m', 'pip', 'download', '--no-deps', '--dest', folder, `botocore==${version}`])
  }
  return unzipSync(readFileSync(wheel), { filter: (file) => file.name.endsWith('/service-2.json.gz') })
}
