/** Python instances are forked: each is as if it had been started, and none knows of another. */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { Interrupted } from '../../src/delivery/due.ts'
import type { FunctionSpec } from '../../src/engines/functions/functionSpec.ts'
import { packageFolder } from '../../src/engines/functions/packageFolder.ts'
import { Zygotes } from '../../src/engines/functions/zygotes.ts'
import { type Bench, startPool } from './samples.ts'

const test = base.extend<{ bench: Bench }>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of what a fixture needs
  bench: async ({}, use) => {
    const bench = startPool()
    await use(bench)
    await bench.close()
  },
})
// Elsewhere nothing is forked.
const forking = test.skipIf(process.platform !== 'linux')

const python = (bench: Bench, name: string, code: string[], settings: Partial<FunctionSpec> = {}) =>
  bench.spec(name, code.join('\n'), { runtime: 'python3.12', ...settings })

const whoAmI = [
  'import os',
  'def handler(event, context):',
  '    return {"pid": os.getpid(), "parent": os.getppid(), "group": os.getpgid(0), "session": os.getsid(0)}',
]

interface Identity {
  pid: number
  parent: number
  group: number
  session: number
}

async function identity(bench: Bench, spec: FunctionSpec): Promise<Identity> {
  return (await bench.invoke(spec)).value as Identity
}

forking(
  'instances of all functions come from one process, each with a group and a session of its own',
  async ({ bench }) => {
    const first = await identity(bench, python(bench, 'first', whoAmI))
    const second = await identity(bench, python(bench, 'second', whoAmI))

    expect(second.parent).toBe(first.parent)
    expect(first.parent).not.toBe(process.pid)
    for (const { pid, group, session } of [first, second]) expect([group, session]).toEqual([pid, pid])
  },
)

/** What an interpreter tells of itself. */
const looking = [
  'import gc, inspect, locale, os, resource, signal, site, stat, sys, threading, time, __main__',
  'def handler(event, context):',
  '    kinds = {}',
  '    for name in sorted(os.listdir("/proc/self/fd"), key=int):',
  '        try: kind = stat.S_IFMT(os.fstat(int(name)).st_mode)',
  '        except OSError: continue',
  '        kinds[kind] = kinds.get(kind, 0) + 1',
  '    return {',
  '        "environment": {name: value for name, value in os.environ.items() if not name.endswith("_FD")},',
  '        "flags": str(sys.flags), "path": sys.path, "arguments": sys.argv, "main": __main__.__file__,',
  '        "signals": {str(number): str(signal.getsignal(number)) for number in sorted(signal.valid_signals())},',
  '        "wakeup": signal.set_wakeup_fd(-1), "blocked": [str(one) for one in signal.pthread_sigmask(signal.SIG_BLOCK, [])],',
  '        "descriptors": kinds, "stdin": os.readlink("/proc/self/fd/0"), "folder": os.getcwd(), "umask": os.umask(0o22),',
  '        "encodings": [sys.stdin.encoding, sys.stdout.encoding, sys.getfilesystemencoding(), locale.getpreferredencoding()],',
  '        "limits": [resource.getrlimit(limit) for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_AS, resource.RLIMIT_CORE)],',
  '        "nice": os.nice(0), "threads": threading.active_count(), "collecting": gc.isenabled(), "zone": time.tzname,',
  '        "site": [site.USER_BASE, site.USER_SITE], "stack": [frame.function for frame in inspect.stack()],',
  '        "locale": locale.setlocale(locale.LC_ALL), "script": sys.orig_argv[1:], "executable": sys.executable,',
  '    }',
]

forking('a forked instance sees what a started one sees', async ({ bench }) => {
  // Where a socket's path would be too long nothing is forked.
  const started = startPool({ folder: join(bench.folder, 'long'.repeat(30)) })
  const environment = { TZ: 'America/Sao_Paulo', OWN: 'çã', HOME: '/nowhere' }
  const forkedOnes = await bench.invoke(python(bench, 'looking', looking, { environment }))
  const startedOnes = await started.invoke(python(bench, 'looking', looking, { environment }))
  await started.close()

  const seen = (value: unknown) =>
    JSON.parse(JSON.stringify(value).replaceAll(/"(AWS_LAMBDA_LOG_STREAM_NAME|TMPDIR)":"[^"]*"/g, '"$1":""'))
  expect(seen(forkedOnes.value)).toEqual(seen(startedOnes.value))
})

forking('nothing of one function shows in another', async ({ bench }) => {
  const leave = [
    'import os, sys, tempfile',
    'sys.path.append("/left"); os.environ["LEFT"] = "here"; sys.left = True',
    'open(os.path.join(tempfile.gettempdir(), "left"), "w").close()',
    'def handler(event, context): return sorted(os.listdir(tempfile.gettempdir()))',
  ]
  const look = [
    'import os, subprocess, sys, tempfile',
    'def handler(event, context):',
    '    return [sorted(os.environ), subprocess.run(["env"], capture_output=True, text=True).stdout, sys.path,',
    '        hasattr(sys, "left"), os.listdir(tempfile.gettempdir()), sorted(sys.modules), os.getcwd()]',
  ]
  const left = await bench.invoke(python(bench, 'leaving', leave, { environment: { SECRET: 'of the first' } }))
  const { value } = await bench.invoke(python(bench, 'arriving', look, { environment: { PLAIN: 'of the second' } }))

  const [names, environment, path, hasLeft, files, , folder] = value as [
    string[],
    string,
    string[],
    boolean,
    string[],
    string[],
    string,
  ]
  expect(left.value).toEqual(['left'])
  expect(names).not.toContain('SECRET')
  expect(environment).toContain('PLAIN=of the second')
  expect(environment).not.toMatch(/of the first|LEFT|ZYGOTE/)
  expect(path.join()).not.toContain('left')
  expect(path.join()).not.toContain('leaving')
  expect([hasLeft, files]).toEqual([false, []])
  expect(folder).toContain('arriving')
})

forking('chance differs between instances', async ({ bench }) => {
  const code = [
    'import os, random, secrets, ssl, tempfile, time, uuid',
    'def handler(event, context):',
    '    time.sleep(0.2)',
    '    return [random.random(), str(uuid.uuid4()), str(uuid.uuid1()), secrets.token_hex(), ssl.RAND_bytes(16).hex(),',
    '        os.urandom(8).hex(), tempfile.mktemp(dir="/")]',
  ]
  const spec = python(bench, 'chance', code)

  const answers = await Promise.all(Array.from({ length: 4 }, () => bench.invoke(spec)))

  const drawn = answers.flatMap(({ value }) => value as string[])
  expect(drawn).toHaveLength(4 * 7)
  expect(new Set(drawn).size).toBe(drawn.length)
})

forking.for([
  ['os._exit(3)', 'exit status 3'],
  ['sys.exit(0)', 'exited without providing a reason'],
  ['os.kill(os.getpid(), signal.SIGSEGV)', 'signal: segmentation fault'],
  ['os.killpg(0, signal.SIGKILL)', 'signal: killed'],
  ['os.closerange(0, 4096)', 'exit'],
  ['[os.fork() for _ in range(3)]; os._exit(7)', 'exit'],
] as const)('an instance that ends by %s ends alone, and says how', async ([ending, words], { bench }) => {
  const counting = [
    'import os',
    'count = 0',
    'def handler(e, c):',
    '    global count; count += 1; return [os.getppid(), count]',
  ]
  const other = python(bench, 'counting', counting)
  const [parent] = (await bench.invoke(other)).value as number[]
  const code = [
    'import os, signal, sys',
    'def handler(event, context):',
    '    print("last words", flush=True)',
    `    ${ending}`,
  ]

  const ended = await bench.invoke(python(bench, 'ending', code))

  expect(ended.error).toBe('Runtime.ExitError')
  expect((ended.value as { errorMessage: string }).errorMessage).toContain(words)
  expect(ended.lines).toContain('last words')
  expect((await bench.invoke(other)).value).toEqual([parent, 2])
})

forking(
  'a function that ends while it is loaded is loaded once more, as AWS does it, and no third time',
  async ({ bench }) => {
    const code = [
      'import os',
      'os.write(os.open(os.environ["LOADED"], os.O_CREAT | os.O_APPEND | os.O_WRONLY), b"x")',
      'os._exit(4)',
      'def handler(event, context): pass',
    ]
    const loaded = join(bench.folder, 'loaded')

    const { value, error } = await bench.invoke(python(bench, 'ending', code, { environment: { LOADED: loaded } }))

    expect(error).toBe('Runtime.ExitError')
    expect((value as { errorMessage: string }).errorMessage).toContain('exit status 4')
    expect(readFileSync(loaded, 'utf8')).toBe('xx')
  },
)

forking('settings that an interpreter reads at its start have their effect', async ({ bench }) => {
  const code = [
    'import os, sys, locale',
    'def handler(event, context):',
    '    return [hash("igarape"), sys.flags.optimize, "/from/settings" in sys.path, os.environ["PYTHONOPTIMIZE"], os.getpgid(0) == os.getpid()]',
  ]
  const environment = { PYTHONHASHSEED: '7', PYTHONOPTIMIZE: '2', PYTHONPATH: '/from/settings' }
  const one = await bench.invoke(python(bench, 'one', code, { environment }))
  const two = await bench.invoke(python(bench, 'two', code, { environment }))

  expect(one.value).toEqual([expect.any(Number), 2, true, '2', true])
  expect(two.value).toEqual(one.value)
})

forking('a module of the function goes before one of the library by the same name', async ({ bench }) => {
  const spec = python(bench, 'shadowing', ['import csv', 'def handler(event, context): return csv.mine'])
  writeFileSync(join(spec.codeFolder, 'csv.py'), 'mine = "own"')
  const code = ['import sys', 'def handler(event, context): return "csv" in sys.modules']
  const looking = python(bench, 'looking', code)
  const isImported = async () => {
    bench.pool.retire(looking.key)
    return (await bench.invoke(looking)).value
  }

  // The library's modules are imported when there is time for it.
  await expect.poll(isImported, { timeout: 10_000, interval: 200 }).toBe(true)
  const { value } = await bench.invoke(spec)

  expect(value).toBe('own')
})

forking('libraries that a function brings are found by the loader', async ({ bench }) => {
  const code = ['import ctypes', 'def handler(event, context): return ctypes.CDLL("libbrought.so.1")._name']
  const spec = python(bench, 'bringing', code)
  mkdirSync(join(spec.codeFolder, 'lib'))
  const { sharedObjects } = process.report.getReport() as unknown as { sharedObjects: string[] }
  copyFileSync(
    sharedObjects.find((file) => /\/libm\./.test(file)) as string,
    join(spec.codeFolder, 'lib/libbrought.so.1'),
  )

  expect((await bench.invoke(spec)).value).toBe('libbrought.so.1')
})

forking('processes that a function starts itself run: forked and spawned anew', async ({ bench }) => {
  const code = [
    'import multiprocessing',
    'def work(end): end.send(multiprocessing.current_process().name)',
    'def run(method):',
    '    context = multiprocessing.get_context(method)',
    '    mine, theirs = context.Pipe()',
    '    process = context.Process(target=work, args=(theirs,), name=method)',
    '    process.start(); said = mine.recv(); process.join()',
    '    return [said, process.exitcode]',
    'def handler(event, context): return [run("fork"), run("spawn")]',
  ]

  const { value } = await bench.invoke(python(bench, 'parallel', code))

  expect(value).toEqual([
    ['fork', 0],
    ['spawn', 0],
  ])
})

forking(
  'when the process that forks dies, what it forked runs on, and the next start has another',
  async ({ bench }) => {
    const spec = python(bench, 'orphaned', [
      'import os, signal',
      'count = 0',
      'def handler(event, context):',
      '    global count; count += 1',
      '    if event.get("kill"): os.kill(os.getppid(), signal.SIGKILL)',
      '    if event.get("end"): os._exit(1)',
      '    return [count, os.getpid()]',
    ])
    const zygote = (await identity(bench, python(bench, 'before', whoAmI))).parent

    const killing = await bench.invoke(spec, { kill: true })
    await expect.poll(() => existsSync(`/proc/${zygote}/exe`)).toBe(false)
    const after = await bench.invoke(spec)
    const next = await identity(bench, python(bench, 'after', whoAmI))
    const ending = await bench.invoke(spec, { end: true })

    expect(after.value).toEqual([2, (killing.value as number[])[1]])
    expect(next.parent).not.toBe(zygote)
    expect(ending.error).toBe('Runtime.ExitError')
  },
)

forking('a zygote is there only once a Python function has run', async ({ bench }) => {
  await bench.invoke(bench.spec('node', 'exports.handler = async () => 1'))
  const before = bootstraps()
  const { parent } = await identity(bench, python(bench, 'first', whoAmI))

  expect(before).toEqual([])
  expect(bootstraps()).toContain(parent)
})

forking('a zygote ends when nothing that it forked has lived for a while, and not before', async ({ bench }) => {
  const zygotes = new Zygotes(join(bench.folder, 'zygotes'), { idleSecondsMax: 0 })
  const spec = python(bench, 'living', whoAmI)
  const script = join(packageFolder(), 'runtimes/lambda-python/bootstrap.py')
  const program = { interpreterPath: 'python3', script, environment: { PATH: process.env.PATH as string } }
  const environment = { LAMBDA_TASK_ROOT: spec.codeFolder, _HANDLER: 'index.handler' }
  const forked = await zygotes.fork(program, { folder: spec.codeFolder, environment })
  const parents = bootstraps()

  zygotes.endIdle()
  const stillForks = await zygotes.fork(program, { folder: spec.codeFolder, environment })
  const endings = [forked, stillForks].map(
    (one) => new Promise((resolve) => one?.on('exit', (_code, signal) => resolve(signal))),
  )
  for (const one of [forked, stillForks]) process.kill(-(one?.pid as number), 'SIGKILL')

  expect(parents).toHaveLength(1)
  expect(await Promise.all(endings)).toEqual(['SIGKILL', 'SIGKILL'])
  await expect
    .poll(() => {
      zygotes.endIdle()
      return bootstraps()
    })
    .toEqual([])
  await zygotes.close()
})

forking('what is on its way to start when all is interrupted does not run', async ({ bench }) => {
  const spec = python(bench, 'interrupted', whoAmI)

  const running = bench.invoke(spec).catch((error: Error) => error)
  bench.pool.interrupt()

  expect(await running).toBeInstanceOf(Interrupted)
  expect((await identity(bench, spec)).pid).toBeTypeOf('number')
  expect(bench.pool.instancesCount).toBe(1)
})

/** Interpreters that are children of this process. */
function bootstraps(): number[] {
  const threads = readdirSync('/proc/self/task')
  const children = threads.flatMap((thread) => readFileSync(`/proc/self/task/${thread}/children`, 'latin1').split(' '))
  return children
    .filter((pid) => pid && readFileSync(`/proc/${pid}/cmdline`, 'latin1').includes('lambda-python/bootstrap.py'))
    .map(Number)
}
