/** The version of this build. */
import { readFileSync } from 'node:fs'

/** From package.json, one folder above src/ and dist/ alike. */
export const version: string = (
  JSON.parse(readFileSync(new URL('../package.json', moduleFolder()), 'utf8')) as { version: string }
).version

/** `src/control/version.ts` in a checkout, a chunk in `dist/` in a package. */
function moduleFolder(): URL {
  const here = new URL(import.meta.url)
  return here.pathname.includes('/dist/') ? here : new URL('..', here)
}
