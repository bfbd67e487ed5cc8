#!/usr/bin/env node
/**
 * The command. Installed, it imports the bundle. In a checkout it first makes the bundle anew when a source is newer, so
 * that what runs is what is written.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const bundle = `${root}dist/main.js`

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Igarapé needs Node 20.19 or later; this is ${process.version}.\n`)
  process.exit(1)
}
if (existsSync(`${root}src`) && isStale()) build()
await import(new URL('../dist/main.js', import.meta.url).href)

function isStale() {
  if (!existsSync(bundle)) return true
  const built = statSync(bundle).mtimeMs
  return ['src', 'console', 'scripts/build.ts', 'package.json'].some((path) => newest(`${root}${path}`) > built)
}

/** The latest change under a path. */
function newest(path) {
  const found = statSync(path)
  if (!found.isDirectory()) return found.mtimeMs
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(`${path}/${name}`)), 0)
}

function build() {
  if (!existsSync(`${root}node_modules/esbuild`)) {
    process.stderr.write('The dependencies are not installed. Run `npm ci` first (or `npm run demo`, which does it).\n')
    process.exit(1)
  }
  const built = spawnSync(process.execPath, ['--import', 'tsx', 'scripts/build.ts', '--incremental'], {
    cwd: root,
    stdio: 'inherit',
  })
  if (built.status !== 0) process.exit(built.status ?? 1)
}
