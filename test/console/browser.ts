/** `test` with a browser: Debian's Chromium, headless. Where there is none the tests are skipped, loudly; CI forbids it. */
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { type Browser, chromium, type Page } from 'playwright-core'
import type { Igarape } from '../../src/testkit/server.ts'
import { test as base } from '../fixture.ts'

const places = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
export const executablePath = places.find((path) => existsSync(path))

if (!executablePath) {
  const words = `The console is not tested: none of ${places.join(', ')} is there. On Debian: apt-get install chromium`
  if (process.env.IGARAPE_SKIP_NOTHING) throw new Error(words)
  console.error(`\n\x1b[31m${words}\x1b[0m\n`)
}

/** Of a test that goes through all pages, on a machine that has much else to do. */
export const patience = 900_000

export interface Sight {
  page: Page
  /** What the page complained of: errors of scripts, what the policy forbade. */
  complaints: string[]
  /** Goes to a page of the console and waits until it is drawn and asks for nothing new. */
  open(place: string): Promise<void>
}

interface Given {
  chromium: Browser
  igarape: Igarape
}

export const test = base.extend<{ chromium: Browser; sight: Sight }>({
  chromium: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
    async ({}: object, use: (browser: Browser) => Promise<void>) => {
      const browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] })
      await use(browser)
      await browser.close()
    },
    { scope: 'file' },
  ],
  sight: async ({ chromium, igarape }: Given, use: (sight: Sight) => Promise<void>) => {
    const context = await chromium.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' })
    await use(await sightOf(await context.newPage(), igarape))
    await context.close()
  },
} as never)

export async function sightOf(page: Page, igarape: Pick<Igarape, 'endpoint'>): Promise<Sight> {
  const complaints: string[] = []
  page.setDefaultTimeout(patience / 4)
  page.on('pageerror', (error) => complaints.push(error.message))
  page.on('console', (message) => {
    // What the server refuses is told by the browser too; the pages show it themselves.
    const isRefusal = /Failed to load resource/.test(message.text())
    if (message.type() === 'error' && !isRefusal) complaints.push(message.text())
  })
  const open = async (place: string) => {
    await page.goto(`${igarape.endpoint}/_igarape/#/${place}`)
    await page.waitForSelector('h1')
    await page.waitForSelector('[aria-busy="true"]', { state: 'detached' })
  }
  return { page, complaints, open }
}

const require = createRequire(import.meta.url)

/** Findings of axe-core that are serious or worse, a line each. */
export async function seriousFindings(page: Page): Promise<string[]> {
  // By the debugger, which the page's policy does not bind.
  await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'))
  return page.evaluate(`axe.run(document, { resultTypes: ['violations'] }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, any }) => id + ': ' + html.slice(0, 160) + ' ' + (any[0]?.message ?? ''))))`)
}
