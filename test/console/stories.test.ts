/** What people do in the console: follow a file, find out why, send it again, go about by keyboard. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { gzipSync } from 'node:zlib'
import { describe } from 'vitest'
import { executablePath, patience, test } from './browser.ts'
import { busyWorld, putFile } from './world.ts'

describe.skipIf(!executablePath)('in the console', { timeout: patience }, () => {
  test('a file is followed to where it failed, with the reason, the event and the log', async ({
    igarape,
    sight,
    expect,
  }) => {
    await busyWorld(igarape)
    const { page } = sight

    await sight.open('flow')
    await page.getByRole('link', { name: /loja-123\.csv/ }).click()
    const way = page.locator('.hops')
    await way.getByText('sent to dead-letter queue').first().waitFor()
    const reason = await page.locator('.hop-more').innerText()
    await way.getByRole('button', { name: /Object Created/ }).click()
    await page.locator('.hop-more').getByText('"loja-123.csv"').waitFor()
    await way.getByRole('button', { name: /validate/ }).click()
    await page.locator('.hop-more').getByText('looked at loja-123.csv').waitFor()
    await page.getByRole('link', { name: 'Dead letters' }).first().click()
    await page.getByRole('heading', { name: 'undelivered' }).waitFor()

    expect(reason).toMatch(/Function not found|ResourceNotFound|does not exist|NO_PERMISSIONS/)
    expect(sight.complaints).toEqual([])
  })

  test('what comes in is seen without a reload, and what was sent is sent again', async ({
    igarape,
    sight,
    expect,
  }) => {
    await busyWorld(igarape)
    const { page } = sight
    await sight.open('flow')
    await page.getByRole('link', { name: /loja-123\.csv/ }).waitFor()

    await putFile(igarape, 'loja-456.csv')
    await page.getByRole('link', { name: /loja-456\.csv/ }).click()
    await page.getByRole('button', { name: 'Send the file again' }).click()
    await page.getByText('loja-456.csv was sent again.').waitFor()
    await page
      .getByRole('link', { name: /loja-456\.csv/ })
      .nth(1)
      .waitFor()
    // Raw files to the rule: the first, the second, and the second again.
    await page.locator('.edge-count', { hasText: /^3$/ }).first().waitFor()

    expect(sight.complaints).toEqual([])
  })

  test('keys lead everywhere', async ({ igarape, sight, expect }) => {
    await busyWorld(igarape)
    const { page } = sight
    const heading = () => page.locator('h1').innerText()
    await sight.open('flow')

    await page.keyboard.press('g')
    await page.keyboard.press('q')
    await page.getByRole('heading', { name: 'Queues' }).waitFor()
    await page.getByRole('link', { name: /files/ }).waitFor()
    await page.keyboard.press('/')
    await page.keyboard.type('ord')
    await page.getByRole('link', { name: /files/ }).waitFor({ state: 'detached' })
    const typed = await page.evaluate('document.activeElement.value')
    await page.keyboard.press('Escape')
    await page.keyboard.press('Control+k')
    await page.locator('[role="combobox"]:focus').waitFor()
    await page.keyboard.type('valid')
    await page.getByRole('option', { name: /validate function/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Functions' }).waitFor()

    expect(typed).toBe('ord')
    expect(await heading()).toBe('Functions')
    expect(page.url()).toMatch(/#\/functions\/validate$/)
  })

  test('a pattern is tried as it is written, and SQL answers with its bytes', async ({ igarape, sight, expect }) => {
    await busyWorld(igarape)
    const { page } = sight
    await sight.open('events/patterns')
    await page.locator('.cm-content').first().fill('{"detail": {"total": [{"numeric": [">", 9]}]}}')
    await page.getByRole('button', { name: /sold/ }).first().click()
    await page.locator('.leaf', { hasText: 'found 5' }).waitFor()
    await page.locator('.cm-content').first().fill('{"detail": {"total": [5]}}')
    await page.getByText(/^1 of \d+ match$/).waitFor()

    await sight.open('sql?sql=SELECT%201%20%2B%201%20AS%20two')
    await page.getByRole('button', { name: /^Run/ }).click()
    await page
      .getByText(/OutputLocation|output location|two/)
      .first()
      .waitFor()

    expect(sight.complaints).toEqual([])
  })

  test('the language is chosen once, and the light', async ({ igarape, sight, expect }) => {
    await busyWorld(igarape)
    const { page } = sight
    await sight.open('queues')
    await page.getByRole('button', { name: /mudar para português/ }).click()
    await page.getByRole('heading', { name: 'Filas' }).waitFor()
    await page.getByRole('button', { name: /como o sistema/ }).click()
    await page.getByRole('button', { name: 'Claro' }).click()
    await page.reload()
    await page.getByRole('heading', { name: 'Filas' }).waitFor()

    expect(await page.evaluate('document.documentElement.dataset.theme')).toBe('dark')
  })
})

test('the first page is below 300 kB, packed', ({ expect }) => {
  const folder = resolve(import.meta.dirname, '../../dist/console')
  const page = readFileSync(join(folder, 'index.html'), 'utf8')
  const first = [...page.matchAll(/console\/files\/([^"]+)/g)].map(([, name]) => name as string)
  const kilobytes = first.map((name) => gzipSync(readFileSync(join(folder, 'files', name))).length / 1000)
  const sum = kilobytes.reduce((all, one) => all + one, 0)

  expect(readdirSync(join(folder, 'files')).length).toBeGreaterThan(first.length)
  expect(sum).toBeLessThan(300)
})
