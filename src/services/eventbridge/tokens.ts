/**
 * OAuth tokens by client credentials (RFC 6749, 4.4). A token is kept in the connection's secret until it is about to
 * expire or was refused. AWS: refreshed "if the token expires within 60 seconds", and after a 401 or 407.
 */
import type { Arn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { singleton } from '../../delivery/singleton.ts'
import { WebFailed, webRequests } from '../../delivery/webRequests.ts'
import { type ConnectionSecret, readSecret, type Token, writeSecret } from './connectionSecrets.ts'
import { addQuery, pairsOf } from './webParameters.ts'

const expiresSoonMillis = 60_000
const answerMillisMax = 5_000
const reasonCharactersMax = 300

/** The token endpoint gave none. */
export class TokenRefused extends Error {}

/** Deliveries that want a token of one connection at once wait for one exchange. */
const exchanges = singleton('token exchanges', () => new Map<Arn, Promise<Token>>())

/** A fresh one is fetched although the one that is kept has not expired. Errors: TokenRefused. */
export async function tokenOf(ctx: Context, secretArn: Arn, { isFresh = false, refused = '' } = {}): Promise<string> {
  const secret = await readSecret(ctx, secretArn)
  const { token } = secret
  const isUsable = token && !isFresh && token.accessToken !== refused && millisLeft(token, ctx) >= expiresSoonMillis
  if (isUsable) return token.accessToken
  const running = ctx.use(exchanges)
  for (let other = running.get(secretArn); other; other = running.get(secretArn)) {
    const theirs = await other
    // It may be over by now: the clock may have been moved while it was kept.
    if (millisLeft(theirs, ctx) > 0) return theirs.accessToken
  }
  const exchange = exchangeAndKeep(ctx, secretArn, secret)
  running.set(secretArn, exchange)
  try {
    return (await exchange).accessToken
  } finally {
    running.delete(secretArn)
  }
}

function millisLeft({ expiresAt = Number.POSITIVE_INFINITY }: Token, { clock }: Context): number {
  return expiresAt - clock.now()
}

async function exchangeAndKeep(ctx: Context, secretArn: Arn, secret: ConnectionSecret): Promise<Token> {
  const token = await exchange(ctx, secret)
  await writeSecret(ctx, secretArn, { ...secret, token })
  return token
}

async function exchange(ctx: Context, { parameters }: ConnectionSecret): Promise<Token> {
  const request = tokenRequest(parameters.OAuthParameters)
  try {
    const { status, body } = await ctx.use(webRequests).send({ ...request, millisMax: answerMillisMax })
    return tokenFrom(status, body.toString('utf8'), ctx.clock.now())
  } catch (error) {
    if (error instanceof WebFailed) throw new TokenRefused(error.message)
    throw error
  }
}

type OAuthParameters = ConnectionSecret['parameters']['OAuthParameters']

/** Credentials and parameters go in a form, or where the method has no body, in the query. */
function tokenRequest(oauth: OAuthParameters) {
  const { AuthorizationEndpoint = '', HttpMethod: method = 'POST', ClientParameters, OAuthHttpParameters } = oauth ?? {}
  const form = {
    grant_type: 'client_credentials',
    client_id: ClientParameters?.ClientID ?? '',
    client_secret: ClientParameters?.ClientSecret ?? '',
    ...pairsOf(OAuthHttpParameters?.BodyParameters),
  }
  const query = pairsOf(OAuthHttpParameters?.QueryStringParameters)
  const headers = { accept: 'application/json', ...pairsOf(OAuthHttpParameters?.HeaderParameters) }
  if (method === 'GET') return { method, url: addQuery(AuthorizationEndpoint, { ...form, ...query }), headers }
  return {
    method,
    url: addQuery(AuthorizationEndpoint, query),
    headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8', ...headers },
    body: new URLSearchParams(form).toString(),
  }
}

/** Errors: TokenRefused. */
function tokenFrom(status: number, text: string, now: number): Token {
  if (status < 200 || status >= 300) {
    throw new TokenRefused(`The authorization endpoint answered ${status}: ${text.slice(0, reasonCharactersMax)}`)
  }
  const { access_token: accessToken, expires_in: seconds } = membersOf(text)
  if (typeof accessToken !== 'string') throw new TokenRefused('The authorization endpoint answered no access_token.')
  const lifetime = Number(seconds)
  return { accessToken, ...(lifetime > 0 && { expiresAt: now + lifetime * 1000 }) }
}

function membersOf(text: string): Record<string, unknown> {
  try {
    const answer = JSON.parse(text) as unknown
    return answer !== null && typeof answer === 'object' ? (answer as Record<string, unknown>) : {}
  } catch {
    // No JSON holds no token.
    return {}
  }
}
