/** Before any test: the console as its sources are now, where it is not so already. */
import { existsSync, readdirSync, statSync } from 'node:fs'
import { resolve } from 'node:path'
import { build } from 'vite'

const root = resolve(import.meta.dirname, '../..')

export async function setup(): Promise<void> {
  const built = `${root}/dist/console/index.html`
  if (existsSync(built) && statSync(built).mtimeMs > newest(`${root}/console`)) return
  await build({ configFile: `${root}/console/vite.config.ts` })
}

function newest(folder: string): number {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  return Math.max(...files.map((name) => statSync(`${folder}/${name}`).mtimeMs))
}
