/** Every page of the console in a browser: with nothing, with something, and with a server that fails or is gone. */
import { describe } from 'vitest'
import { executablePath, patience, seriousFindings, sightOf, test } from './browser.ts'
import { busyWorld } from './world.ts'

const pages: { place: string; empty: string; busy: string }[] = [
  { place: 'flow', empty: 'The stream bed is dry', busy: 'new-files' },
  { place: 'events', empty: 'The bus default is silent', busy: 'Object Created' },
  { place: 'events/patterns', empty: 'No event has come to this bus yet', busy: 'This event does not match' },
  { place: 'events/archives', empty: 'No archive', busy: 'No replay yet' },
  { place: 'events/schedules', empty: 'Nothing comes by the clock', busy: 'cron(0 3 * * ? *)' },
  { place: 'queues', empty: 'No queue', busy: 'undelivered' },
  { place: 'objects', empty: 'No bucket', busy: 'loja-123.csv' },
  { place: 'mail', empty: 'No mail', busy: 'loja-9.csv is wrong' },
  { place: 'jobs', empty: 'No job', busy: 'It never ran' },
  { place: 'jobs?workflow=', empty: 'No workflow', busy: 'No workflow' },
  { place: 'functions', empty: 'No function', busy: 'Only errors' },
  { place: 'catalog', empty: 'The Catalog is empty', busy: 'shop.sales' },
  { place: 'catalog/crawlers', empty: 'No crawler', busy: 'No crawler' },
  { place: 'sql', empty: 'No answer yet', busy: 'Nothing was asked yet' },
  { place: 'tables', empty: 'No table', busy: 'timeout' },
  { place: 'logs', empty: 'No log group', busy: '/aws/lambda/validate' },
  { place: 'logs/insights', empty: 'No log group', busy: 'fields @timestamp' },
  { place: 'metrics', empty: 'No dashboard', busy: 'Today' },
  { place: 'metrics/alarms', empty: 'No alarm', busy: 'few-sales' },
  { place: 'metrics/all', empty: 'No metric yet', busy: 'Choose a metric' },
]

describe.skipIf(!executablePath)('a page of the console', { timeout: patience }, () => {
  test('says what it is for while there is nothing, and how there will be something', async ({
    igarape,
    sight,
    expect,
  }) => {
    for (const { place, empty } of pages) {
      await sight.open(place)
      await sight.page.getByText(empty).first().waitFor()

      expect.soft(await seriousFindings(sight.page), place).toEqual([])
    }
    expect(sight.complaints).toEqual([])
    expect(igarape.port).toBeGreaterThan(0)
  })

  test('shows what there is, by day and by night, to those who see and those who do not', async ({
    igarape,
    sight,
    expect,
  }) => {
    await busyWorld(igarape)

    for (const { place, busy } of pages) {
      for (const colorScheme of ['light', 'dark'] as const) {
        await sight.page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await sight.open(place)
        await sight.page.getByText(busy).first().waitFor()

        expect.soft(await seriousFindings(sight.page), `${place} ${colorScheme}`).toEqual([])
      }
    }
    expect(sight.complaints).toEqual([])
  })

  test('tells when the server fails, and when it is gone, and goes on by itself', async ({
    igarape,
    sight,
    expect,
  }) => {
    await busyWorld(igarape)
    const { page } = sight
    const failing = '{"error":"InternalFailure","message":"It met a bug."}'

    for (const { place } of pages.filter(({ place }) => place !== 'sql')) {
      await page.goto('about:blank')
      await page.route(/_igarape\/(?!$|console\/files)/, (route) => route.fulfill({ status: 500, body: failing }))
      await page.goto(`${igarape.endpoint}/_igarape/#/${place}`)
      await page.getByText('It met a bug.').first().waitFor()
      expect.soft(await seriousFindings(page), place).toEqual([])
      await page.unrouteAll()
    }
    await page.route('**/_igarape/**', (route) => route.abort())
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.getByText('The server does not answer').first().waitFor()
    await page.unrouteAll()
    await page.getByRole('button', { name: 'Try again' }).first().click()
    await page.getByText('Choose a metric').waitFor()

    expect(sight.complaints).toEqual([])
  })

  test('fits a phone, without a second way to scroll', async ({ igarape, chromium, expect }) => {
    await busyWorld(igarape)
    const context = await chromium.newContext({
      viewport: { width: 390, height: 844 },
      locale: 'pt-BR',
      hasTouch: true,
    })
    const sight = await sightOf(await context.newPage(), igarape)

    for (const { place } of pages) {
      await sight.open(place)
      const wide = await sight.page.evaluate(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      )
      const language = await sight.page.evaluate('document.documentElement.lang')

      expect.soft({ place, wide, language }).toEqual({ place, wide: 0, language: 'pt-BR' })
    }
    await context.close()
  })
})
