/**
 * What `npm run demo` and `npm test` start with on a fresh machine, before any dependency is there: plain Node.
 * Installs what package-lock.json says where that has not been done, then runs the command.
 */
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('..', import.meta.url))
const stamp = `${root}node_modules/.igarape-installed`
const [what, ...rest] = process.argv.slice(2)

const [major, minor] = process.versions.node.split('.').map(Number)
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Igarapé needs Node 20.19 or later; this is ${process.version}.\n`)
  process.exit(1)
}
// A terminal sends Ctrl-C to the whole group: the child stops cleanly in its own time, and this waits for it.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => undefined)

install()
if (what === 'demo') run(process.execPath, ['bin/igarape.js', 'demo', ...rest])
else test(rest)

/** Done once for each lock file. */
function install() {
  const lock = createHash('sha256')
    .update(readFileSync(`${root}package-lock.json`))
    .digest('hex')
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lock) return
  process.stdout.write('Installing the dependencies (once) …\n')
  run('npm', ['ci', '--no-audit', '--no-fund'])
  mkdirSync(`${root}node_modules`, { recursive: true })
  writeFileSync(stamp, lock)
}

/** `quick` leaves out what starts jobs, command lines and simulations by the hundred. */
function test(args) {
  const quick = args[0] === 'quick'
  if (!quick) run(process.execPath, ['bin/igarape.js', 'install'])
  const slow = [
    'test/cdk/**',
    'test/jobs/**',
    'test/simulation/**',
    'test/torture/**',
    'test/package/**',
    'test/tooling/**',
    'test/clients/**',
    'examples/**',
    'test/examples/**',
    'test/wire/boto3*',
    'test/console/pages*',
    'test/console/stories*',
  ]
  const excluded = quick ? slow.flatMap((pattern) => ['--exclude', pattern]) : []
  run(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', ...excluded, ...(quick ? args.slice(1) : args)])
}

function run(command, args) {
  const ended = spawnSync(command, args, { cwd: root, stdio: 'inherit' })
  if (ended.signal) process.exit(130)
  if (ended.status !== 0) process.exit(ended.status ?? 1)
}
