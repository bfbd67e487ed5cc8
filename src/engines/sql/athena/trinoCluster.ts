/**
 * Statements on a Trino coordinator, by its client protocol (trino.io, "Trino client REST API"): the statement is
 * posted, and each answer names where the next one is, until none does.
 */
import { stopwatch } from '../../../clock.ts'
import { singleton } from '../../../delivery/singleton.ts'
import { quoteText } from '../cursor.ts'
import { SqlError } from '../sqlError.ts'
import { parseTypeNode } from '../trino/parser.ts'
import { type SqlType, varchar } from '../trino/sqlTypes.ts'
import { typeOf } from '../trino/typeNodes.ts'

export interface ClusterColumn {
  name: string
  type: SqlType
}

/** As JSON carries them; whole numbers of many digits are texts. */
export type ClusterValue = string | number | boolean | null | ClusterValue[] | { [key: string]: ClusterValue }

export interface ClusterSettings {
  database: string
  parameters: readonly string[]
  /** The statement's id at Athena: the cluster's own pages show it. */
  token: string
}

interface Answer {
  id: string
  nextUri?: string
  columns?: { name: string; type: string }[]
  data?: ClusterValue[][]
  error?: {
    message: string
    errorName: string
  }
  updateCount?: number
  stats?: { physicalInputBytes?: number; processedBytes?: number }
}

/** The cluster that runs queries in place of the embedded engine, where one is named. */
export const trinoCluster = singleton('trino cluster', ({ options }) =>
  options.athenaTrino === '' ? undefined : new TrinoCluster(options.athenaTrino),
)

const busyStatuses = [429, 502, 503, 504]
const busyTriesMax = 20
const busyMilliseconds = 100

export class TrinoCluster {
  readonly #url: URL
  readonly #catalog: string
  readonly #authorization: string | undefined
  readonly #user: string

  /** `http://user:password@host:port/catalog`; without a catalog it is awsdatacatalog. */
  constructor(address: string) {
    const url = new URL(address)
    this.#catalog = url.pathname.replace(/^\/|\/$/g, '') || 'awsdatacatalog'
    this.#user = decodeURIComponent(url.username) || 'athena'
    if (url.password !== '') {
      const pair = `${this.#user}:${decodeURIComponent(url.password)}`
      this.#authorization = `Basic ${Buffer.from(pair).toString('base64')}`
    }
    this.#url = new URL('/v1/statement', url.origin)
  }

  /** Its first answer; `begin` waits for its columns. Errors: SqlError. */
  async start(sql: string, settings: ClusterSettings): Promise<ClusterQuery> {
    const { parameters } = settings
    const text = parameters.length > 0 ? `EXECUTE IMMEDIATE ${quoteText(sql)} USING ${parameters.join(', ')}` : sql
    const first = await this.exchange(this.#url, { method: 'POST', body: text, headers: this.#headers(settings) })
    return new ClusterQuery(this, first)
  }

  #headers({ database, token }: ClusterSettings): Record<string, string> {
    return {
      ...this.#identity(),
      'X-Trino-Catalog': this.#catalog,
      'X-Trino-Schema': database,
      'X-Trino-Source': 'igarape',
      'X-Trino-Time-Zone': 'UTC',
      'X-Trino-Trace-Token': token,
      'Content-Type': 'text/plain; charset=utf-8',
    }
  }

  #identity(): Record<string, string> {
    return {
      'X-Trino-User': this.#user,
      ...(this.#authorization && { Authorization: this.#authorization }),
    }
  }

  /** A coordinator that is busy is asked again, as its protocol says. */
  async exchange(url: URL, request: RequestInit = {}): Promise<Answer> {
    for (let tries = 1; ; tries++) {
      const response = await fetch(url, { headers: this.#identity(), ...request }).catch((error: Error) => {
        throw unreachable(this.#url, String(error.cause ?? error))
      })
      const body = await response.text()
      if (response.ok) return JSON.parse(losslessly(body)) as Answer
      if (!busyStatuses.includes(response.status) || tries === busyTriesMax)
        throw unreachable(this.#url, `${response.status} ${body.slice(0, 200)}`)
      await new Promise<void>((done) => stopwatch.after(busyMilliseconds, done))
    }
  }

  async cancel(url: URL): Promise<void> {
    await fetch(url, { method: 'DELETE', headers: this.#identity() }).catch(() => undefined)
  }
}

function unreachable({ origin }: URL, why: string): SqlError {
  return new SqlError(`The Trino coordinator ${origin} gave no answer: ${why}`, undefined, 'GENERIC_INTERNAL_ERROR')
}

/** JSON's numbers are doubles to JavaScript: a whole number that is longer becomes a text. */
export function losslessly(json: string): string {
  return json.replace(/"(?:[^"\\]|\\.)*"|(?<![\d.eE+-])-?\d{16,}(?![\d.eE])/g, (found) =>
    found.startsWith('"') ? found : `"${found}"`,
  )
}

export class ClusterQuery {
  readonly #cluster: TrinoCluster
  #answer: Answer
  #isCancelled = false
  columns: ClusterColumn[] = []

  constructor(cluster: TrinoCluster, first: Answer) {
    this.#cluster = cluster
    this.#answer = first
  }

  get updateCount(): number | undefined {
    return this.#answer.updateCount
  }

  get bytesScanned(): number {
    return this.#answer.stats?.physicalInputBytes ?? this.#answer.stats?.processedBytes ?? 0
  }

  /** Errors: SqlError with Trino's own words. */
  async begin(): Promise<void> {
    this.#check()
    while (!this.#answer.columns && this.#answer.nextUri) await this.#next()
    this.columns = (this.#answer.columns ?? []).map(({ name, type }) => ({ name, type: typeNamed(type) }))
  }

  /** To the last page, each as it comes. */
  async *rows(): AsyncIterable<ClusterValue[][]> {
    for (;;) {
      if (this.#answer.data) yield this.#answer.data
      if (!this.#answer.nextUri) return
      await this.#next()
    }
  }

  cancel(): void {
    this.#isCancelled = true
    if (this.#answer.nextUri) void this.#cluster.cancel(new URL(this.#answer.nextUri))
  }

  async #next(): Promise<void> {
    if (this.#isCancelled) throw new SqlError('Query was canceled', undefined, 'USER_CANCELED')
    this.#answer = await this.#cluster.exchange(new URL(this.#answer.nextUri as string))
    this.#check()
  }

  #check(): void {
    const { error } = this.#answer
    if (error) throw new SqlError(error.message, undefined, error.errorName)
  }
}

/** A type that only the cluster knows is shown as text. */
function typeNamed(text: string): SqlType {
  try {
    return typeOf(parseTypeNode(text))
  } catch (error) {
    if (error instanceof SqlError) return varchar()
    throw error
  }
}
