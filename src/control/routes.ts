/** `/_igarape/*`, and the `/_localstack/*` shapes that testcontainers, awslocal and CI scripts expect. */
import { stopwatch } from '../clock.ts'
import { meters } from '../delivery/metering.ts'
import type { Platform } from '../delivery/platform.ts'
import { json, type Route, route } from '../services/route.ts'
import { awsError } from '../wire/errors.ts'
import { advanceClock, parseDuration } from './clock.ts'
import { consoleRoutes } from './consoleRoutes.ts'
import { eventsAfter, explainRule } from './explain.ts'
import { initReport, initScripts } from './initScripts.ts'
import { jsonBody } from './jsonBody.ts'
import { reset } from './reset.ts'
import { settled } from './settled.ts'
import { traceOf, traceSummaries } from './traces.ts'
import { version } from './version.ts'

/** The version of LocalStack whose control shapes these are. */
const localstackVersion = '4.0.0'

export const controlRoutes: readonly Route[] = [
  ...consoleRoutes,
  route('GET', '/_igarape/health', async (_, platform) => json(health(platform))),
  route('GET', '/_igarape/clock', async (_, platform) => json(time(platform))),
  route('POST', '/_igarape/clock', async (request, platform) => {
    const { advance } = await jsonBody(request)
    const milliseconds = typeof advance === 'string' ? parseDuration(advance) : undefined
    if (milliseconds === undefined)
      throw awsError('BadDuration', 'Say {"advance": "1h30m"}: numbers with s, m, h or d.')
    await advanceClock(platform, milliseconds)
    return json(time(platform))
  }),
  route('POST', '/_igarape/reset', async (_, platform) => {
    const start = stopwatch.now()
    await reset(platform)
    return json({ milliseconds: Math.round(stopwatch.now() - start) })
  }),
  route('GET', '/_igarape/settled', async (_, platform) => {
    await settled(platform)
    return json({ settled: true })
  }),
  route('GET', '/_igarape/traces', async ({ query }, platform) => json(traceSummaries(platform, query))),
  route('GET', '/_igarape/traces/*id', async ({ parameters }, platform) =>
    json(traceOf(platform, parameters.id ?? '')),
  ),
  route('GET', '/_igarape/meters', async (_, platform) => json({ minutes: platform.use(meters).shown() })),
  route('POST', '/_igarape/explain', async (request, platform) => json(explainRule(platform, await jsonBody(request)))),
  route('GET', '/_igarape/events', async ({ query }, platform) => json(eventsAfter(platform, query))),
  route('GET', '/_localstack/health', async (_, platform) => json(localstackHealth(platform))),
  route('GET', '/_localstack/info', async (_, platform) => json(localstackInfo(platform))),
  route('GET', '/_localstack/init', async (_, platform) => json(init(platform))),
  route('GET', '/_localstack/init/:stage', async ({ parameters }, platform) => json(init(platform, parameters.stage))),
  route('POST', '/_localstack/state/reset', async (_, platform) => {
    await reset(platform)
    return json({})
  }),
]

function health(platform: Platform) {
  return { status: 'running', version, services: [...platform.services.keys()], endpoint: platform.endpoint }
}

function time(platform: Platform) {
  return { clock: platform.clock.kind, now: new Date(platform.clock.now()).toISOString() }
}

function localstackHealth(platform: Platform) {
  const names = [...platform.services.keys()].map(legacyName)
  const services = Object.fromEntries(names.map((name) => [name, 'running']))
  return { services, edition: 'igarape', version: localstackVersion }
}

function localstackInfo(platform: Platform) {
  return {
    version: localstackVersion,
    edition: 'igarape',
    is_license_activated: false,
    session_id: platform.sessionId,
    system: process.platform,
  }
}

function init(platform: Platform, stage?: string): object {
  const report = initReport(platform.has(initScripts) ? platform.use(initScripts) : undefined, stage)
  if (!report) throw awsError('NoSuchStage', `There is no stage ${stage}: boot, start, ready and shutdown are.`, 404)
  return report
}

/** Tools wait for services by their endpoint's name. */
function legacyName(service: string): string {
  const names: Record<string, string> = {
    eventbridge: 'events',
    'cloudwatch-logs': 'logs',
    'secrets-manager': 'secretsmanager',
    sfn: 'stepfunctions',
  }
  return names[service] ?? service
}
