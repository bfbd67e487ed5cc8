/** What the person sees whom the server refuses: never an empty page, and always what to do. */
import { chromium } from 'playwright-core'
import { describe } from 'vitest'
import { startIgarape } from '../../src/testkit/server.ts'
import { executablePath, patience, seriousFindings, sightOf, test } from './browser.ts'

describe.skipIf(!executablePath)('the console, refused', { timeout: patience }, () => {
  test('where requests must be signed, asks for the key, says that a wrong one is wrong, and opens with the right one', async ({
    chromium,
    expect,
  }) => {
    const igarape = await startIgarape({ options: { auth: 'sigv4', secretKey: 'hidden' } })
    const context = await chromium.newContext({ locale: 'en-US' })
    const page = await context.newPage()
    const { complaints } = await sightOf(page, igarape)

    await page.goto(`${igarape.endpoint}/_igarape/#/queues`)
    await page.getByText('This server demands signatures.').waitFor()
    const findings = await seriousFindings(page)
    await page.getByLabel('Access key').fill('test')
    await page.getByLabel('Secret').fill('wrong')
    await page.getByRole('button', { name: 'Open' }).click()
    const said = await page.getByRole('alert').innerText()
    await page.getByLabel('Secret').fill('hidden')
    await page.getByRole('button', { name: 'Open' }).click()
    await page.getByRole('heading', { name: 'Queues' }).first().waitFor()
    await context.clearCookies()
    await page.goto(`${igarape.endpoint}/_igarape/#/tables`)
    await page.getByText('This server demands signatures.').waitFor()
    await context.close()
    await igarape.stop()

    expect(said).toMatch(/key/i)
    expect(findings).toEqual([])
    expect(complaints).toEqual([])
  })

  test('by a name that is not this machine’s, tells so, and leads to the address that is', async ({
    igarape,
    expect,
  }) => {
    const args = ['--no-sandbox', '--host-resolver-rules=MAP igarape.example 127.0.0.1']
    const browser = await chromium.launch({ executablePath: executablePath ?? '', args })
    const page = await browser.newPage()

    const answer = await page.goto(`http://igarape.example:${igarape.port}/_igarape/`)
    const said = await page.innerText('main')
    const findings = await seriousFindings(page)
    await page.getByRole('link').click()
    await page.waitForSelector('h1')
    const place = page.url()
    await browser.close()

    expect(answer?.status()).toBe(403)
    expect(said).toContain('is no name of this machine')
    expect(findings).toEqual([])
    expect(place).toMatch(new RegExp(`^http://127.0.0.1:${igarape.port}/_igarape/`))
  })
})
