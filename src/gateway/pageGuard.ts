/**
 * A page in a browser is not the person before it. What another site's page sends to the control API is refused, and
 * so is a page whose own name was made to point here (DNS rebinding). Programs send neither an origin nor a browser's name.
 */
import { consoleSessions } from '../control/consoleSessions.ts'
import type { Platform } from '../delivery/platform.ts'
import { demandsSignatures } from '../options.ts'
import { type AwsError, awsError } from '../wire/errors.ts'
import type { RequestHead } from '../wire/request.ts'

const controlled = /^\/_(igarape|localstack)(\/|\?|$)/
/** What a browser needs to show the console, and to open a session. */
const openToAll = /^\/_igarape\/?(\?|$|console\/(files\/|session$))/
const ofConsole = /^\/_igarape\/console\//
/** Addresses, names without a dot (of containers), and names that only ever mean this machine. */
const ownNames =
  /^(\[[0-9a-f:.]+\]|\d+(\.\d+){3}|[^.]+|.*\.localhost|(.*\.)?localhost\.localstack\.cloud|host\.docker\.internal)$/i

/** Undefined where the request may go on. */
export function pageRefusal(platform: Platform, head: RequestHead): AwsError | undefined {
  // Nearly all requests are AWS's, and pay no more than this.
  if (!head.url.startsWith('/_') || !controlled.test(head.url)) return undefined
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
