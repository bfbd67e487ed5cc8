/**
 * A page in a browser is not the person before it. What another site's page sends is refused, unless the server was told to
 * take it, or demands signatures, which such a page cannot make; and to the control API not even then. So is a page whose own
 * name was made to point here (DNS rebinding). Programs send neither an origin nor a browser's name.
 */
import { consoleSessions } from '../control/consoleSessions.ts'
import type { Platform } from '../delivery/platform.ts'
import { demandsSignatures, type Options } from '../options.ts'
import { type AwsError, awsError } from '../wire/errors.ts'
import type { RequestHead } from '../wire/request.ts'

const controlled = /^\/_(igarape|localstack)(\/|\?|$)/
/** What a browser needs to show the console, and to open a session. */
const openToAll = /^\/_igarape\/?(\?|$|console\/(files\/|session$))/
const ofConsole = /^\/_igarape\/console\//
/** Addresses, names without a dot (of containers), and names that only ever mean this machine. */
const ownNames =
  /^(\[[0-9a-f:.]+\]|\d+(\.\d+){3}|[^.]+|.*\.localhost|(.*\.)?localhost\.localstack\.cloud|host\.docker\.internal)$/i

/** Where pages of this machine's own come from: an app in development, a file server. */
const ownOrigin =
  /^https?:\/\/(localhost|[^/:]+\.localhost|127(\.\d+){3}|\[::1\]|(.+\.)?localhost\.localstack\.cloud|host\.docker\.internal)(:\d+)?$/i

/** Undefined where the request may go on. */
export function pageRefusal(platform: Platform, head: RequestHead): AwsError | undefined {
  if (head.url.startsWith('/_') && controlled.test(head.url)) return controlRefusal(platform, head)
  const { origin } = head.headers
  if (origin === undefined || mayCall(platform.options, origin, head.headers.host)) return undefined
  return awsError(
    'ForeignPage',
    `A page of ${origin} may not call this server. Start it with --allowed-origins ${origin} if it should.`,
    403,
  )
}

function mayCall(options: Options, origin: string, host = ''): boolean {
  if (demandsSignatures(options) || ownOrigin.test(origin)) return true
  if (origin === `http://${host}` || origin === `https://${host}`) return ownNames.test(host.replace(/:\d+$/, ''))
  const allowed = options.allowedOrigins.split(',').map((each) => each.trim())
  return allowed.includes('*') || allowed.includes(origin)
}

function controlRefusal(platform: Platform, head: RequestHead): AwsError | undefined {
  const { origin, host = '' } = head.headers
  if (origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`)
    return awsError('ForeignPage', `A page of ${origin} may not use the control API of this server.`, 403)
  if (head.headers['sec-fetch-site'] === 'cross-site' && !openToAll.test(head.url))
    return awsError('ForeignPage', 'A page of another site may not use the control API of this server.', 403)
  if (demandsSignatures(platform.options)) return sessionRefusal(platform, head)
  const isBrowser = (head.headers['user-agent'] ?? '').startsWith('Mozilla/')
  if (isBrowser && !ownNames.test(host.replace(/:\d+$/, '')))
    return awsError('ForeignName', `${host} is no name of this machine: open the console by its address.`, 403)
  return undefined
}

/** Where requests must be signed, the console acts for who has shown the key. */
function sessionRefusal(platform: Platform, head: RequestHead): AwsError | undefined {
  if (!ofConsole.test(head.url) || openToAll.test(head.url)) return undefined
  if (platform.use(consoleSessions).has(head.headers.cookie)) return undefined
  return awsError('NoSession', 'Open a session with the access key of this server.', 401)
}
