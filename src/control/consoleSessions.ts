/**
 * Who may use the console. On loopback, whoever sits at the machine; elsewhere, where requests must be signed, a browser
 * shows the access key and its secret once and gets a cookie that no script can read and no other site can send.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { singleton } from '../delivery/singleton.ts'
import { demandsSignatures } from '../options.ts'
import { json, type Route, route } from '../services/route.ts'
import { awsError } from '../wire/errors.ts'
import { jsonBody } from './jsonBody.ts'

const cookieName = 'igarape-console'
/** The oldest goes first. In memory: a restart asks again. */
const sessionsMax = 100

class ConsoleSessions {
  readonly #tokens = new Set<string>()

  add(token: string): void {
    this.#tokens.add(token)
    for (const oldest of this.#tokens) {
      if (this.#tokens.size <= sessionsMax) return
      this.#tokens.delete(oldest)
    }
  }

  has(cookies: string | undefined): boolean {
    const token = new RegExp(`(?:^|; )${cookieName}=([0-9a-f]+)`).exec(cookies ?? '')?.[1]
    return token !== undefined && this.#tokens.has(token)
  }
}

export const consoleSessions = singleton('console sessions', () => new ConsoleSessions())

export const consoleSessionRoutes: readonly Route[] = [
  route('GET', '/_igarape/console/session', async ({ headers }, platform) => {
    const isOpen = !demandsSignatures(platform.options) || platform.use(consoleSessions).has(headers.cookie)
    return json({ isOpen, account: platform.options.account, region: platform.options.region })
  }),
  route('POST', '/_igarape/console/session', async (request, platform) => {
    const { accessKey, secretKey } = await jsonBody(request)
    const { options } = platform
    const isRight = isSame(accessKey, options.accessKey) && isSame(secretKey, options.secretKey)
    if (!isRight) throw awsError('AccessDenied', 'That is not the access key and secret of this server.', 403)
    const token = platform.random.hex(64)
    platform.use(consoleSessions).add(token)
    const answer = json({ isOpen: true })
    answer.headers['set-cookie'] = `${cookieName}=${token}; HttpOnly; SameSite=Strict; Path=/_igarape`
    return answer
  }),
]

/** In a time that does not tell how much of it is right. */
function isSame(given: unknown, wanted: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(String(given)), digest(wanted))
}
