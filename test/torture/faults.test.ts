/**
 * Disks that refuse, and a process that runs out of what it needs: writes are refused with a clear error, reads go on,
 * writing goes on when the cause is gone, and nothing acknowledged is lost. Needs root, for the disks; says so where it
 * is not.
 */
import { spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { afterAll, expect, test } from 'vitest'
import { ServerProcess } from './serverProcess.ts'

const root = mkdtempSync(join(tmpdir(), 'igarape-faults-'))
const mounted: string[] = []

// Another user could not make the bundle anew.
spawnSync(process.execPath, [fileURLToPath(new URL('../../bin/igarape.js', import.meta.url)), '--version'])

afterAll(() => {
  for (const folder of mounted) spawnSync('umount', ['-l', folder])
  rmSync(root, { recursive: true, force: true })
})

const isRoot = process.getuid?.() === 0
const canMount = isRoot && mount('probe', ['-t', 'tmpfs', '-o', 'size=1m', 'none']) !== undefined
const canLoop = canMount && loopDisk('loop-probe') !== undefined
const canBeAnother = isRoot && spawnSync('setpriv', ['--version']).status === 0
const canLimit = spawnSync('prlimit', ['--version']).status === 0
for (const [can, what] of [
  [canMount, 'full disks'],
  [canLoop, 'read-only disks'],
  [canBeAnother, 'lost permissions'],
  [canLimit, 'file descriptors'],
] as const) {
  if (!can) console.warn(`NOT TESTED HERE: ${what}. It takes root, mount, setpriv and prlimit.`)
}

function mount(name: string, how: readonly string[]): string | undefined {
  const folder = join(root, name)
  mkdirSync(folder)
  if (spawnSync('mount', [...how, folder]).status !== 0) return undefined
  mounted.push(folder)
  return folder
}

function loopDisk(name: string): string | undefined {
  const image = join(root, `${name}.image`)
  writeFileSync(image, '')
  truncateSync(image, 64 * 2 ** 20)
  if (spawnSync('mkfs.ext4', ['-q', image]).status !== 0) return undefined
  return mount(name, ['-o', 'loop', image])
}

const smallBytes = 20_000
const fileBytes = 200_000
const bodyOf = (key: string) => Buffer.alloc(key.startsWith('file') ? fileBytes : smallBytes, `${key};`)

/** What a client saw. */
class Book {
  readonly acknowledged: string[] = []
  readonly refusals: { name: string; message: string; status: number | undefined }[] = []
  #server: ServerProcess

  constructor(server: ServerProcess) {
    this.#server = server
  }

  async put(key: string): Promise<void> {
    const { acknowledged, refusals } = this
    await this.#server
      .client(S3Client)
      .send(new PutObjectCommand({ Bucket: 'faults', Key: key, Body: bodyOf(key) }))
      .then(
        () => acknowledged.push(key),
        ({ name, message, $metadata }) => refusals.push({ name, message, status: $metadata?.httpStatusCode }),
      )
  }

  /** Small bodies and files by turns. */
  async putMany(from: number, count: number): Promise<void> {
    for (let at = from; at < from + count; at++) await this.put(`${at % 4 === 0 ? 'file' : 'small'}-${at}`)
  }

  async expectAllReadable(server = this.#server): Promise<void> {
    for (const Key of this.acknowledged) {
      const { Body } = await server.client(S3Client).send(new GetObjectCommand({ Bucket: 'faults', Key }))
      expect(Buffer.from((await Body?.transformToByteArray()) ?? []).equals(bodyOf(Key)), Key).toBe(true)
    }
  }

  expectClearRefusals(words: RegExp): void {
    expect(this.refusals.length).toBeGreaterThan(0)
    for (const refusal of this.refusals) {
      expect(refusal).toMatchObject({ status: 503, message: expect.stringMatching(words) })
    }
  }
}

async function started(data: string, how: Parameters<typeof ServerProcess.start>[1] = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start(data, how)
  await server.client(S3Client).send(new CreateBucketCommand({ Bucket: 'faults' }))
  return server
}

/** Killed and started again, all acknowledged is there. */
async function expectKept(book: Book, server: ServerProcess, data: string): Promise<void> {
  await server.kill()
  const next = await ServerProcess.start(data)
  await book.expectAllReadable(next)
  await next.kill('SIGTERM')
}

// So small that the log does not fit; and so large that the log fits, and the table does not when its turn comes.
test.skipIf(!canMount).each([{ megabytes: 16 }, { megabytes: 90 }])(
  'a disk of $megabytes MB that is full refuses writes, and takes them again when there is room',
  async ({ megabytes }) => {
    const disk = mount(`full-${megabytes}`, ['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'none']) as string
    const [filler, secondFiller] = [join(disk, 'filler'), join(disk, 'filler-2')]
    for (const path of [filler, secondFiller]) writeFileSync(path, Buffer.alloc((megabytes * 2 ** 20) / 4))
    const data = join(disk, 'data')
    const server = await started(data)
    const book = new Book(server)

    let at = 0
    for (; book.refusals.length < 40 && at < 6_000; at += 20) await book.putMany(at, 20)
    book.expectClearRefusals(/ENOSPC|no space|input\/output error/i)
    await book.expectAllReadable()

    rmSync(filler)
    const before = [book.acknowledged.length, book.refusals.length] as const
    await book.putMany(at, 40)
    expect([book.acknowledged.length, book.refusals.length]).toEqual([before[0] + 40, before[1]])
    await book.expectAllReadable()

    // A start that has no room to put its log in order serves what it has, and goes on when there is room.
    await server.kill()
    const next = await ServerProcess.start(data)
    await book.expectAllReadable(next)
    rmSync(secondFiller)
    const later = new Book(next)
    await later.putMany(at + 40, 20)
    expect(later.refusals).toEqual([])
    await expectKept(later, next, data)
  },
  240_000,
)

test.skipIf(!canLoop)(
  'a disk that turns read-only refuses writes, reads go on, and a restart on the mended disk has everything',
  async () => {
    const disk = loopDisk('read-only') as string
    const data = join(disk, 'data')
    const server = await started(data)
    const book = new Book(server)
    await book.putMany(0, 40)

    // As ext4 does by itself when it meets an error.
    expect(spawnSync('mount', ['-o', 'remount,abort', disk]).status).toBe(0)
    const acknowledged = book.acknowledged.length
    await book.putMany(40, 20)
    expect(book.acknowledged).toHaveLength(acknowledged)
    book.expectClearRefusals(/EROFS|read-only/i)
    await book.expectAllReadable()

    await server.kill()
    spawnSync('umount', [disk])
    spawnSync('e2fsck', ['-p', `${disk}.image`])
    expect(spawnSync('mount', ['-o', 'loop', `${disk}.image`, disk]).status).toBe(0)
    await expectKept(book, server, data)
    spawnSync('mount', ['-o', 'remount,ro', disk])
    await expect(ServerProcess.start(data)).rejects.toThrow(/EROFS|read-only/i)
  },
  120_000,
)

test.skipIf(!canBeAnother)(
  'a folder that is not ours any more refuses new files, and takes them when it is again',
  async () => {
    const nobody = 65_534
    const data = join(root, 'another')
    mkdirSync(data)
    chownSync(data, nobody, nobody)
    chmodSync(root, 0o755)
    const under = ['setpriv', `--reuid=${nobody}`, `--regid=${nobody}`, '--clear-groups']
    const server = await started(data, { under })
    const book = new Book(server)
    await book.putMany(0, 40)

    const folders = ['', ...readdirSync(join(data, 'blobs'))].map((name) => join(data, 'blobs', name))
    for (const folder of folders) chownSync(folder, 0, 0)
    for (const folder of folders) chmodSync(folder, 0o755)
    const acknowledged = book.acknowledged.length
    await book.putMany(40, 20)
    // The log is open already: what needs no file of its own goes on.
    expect(book.acknowledged).toHaveLength(acknowledged + 15)
    book.expectClearRefusals(/EACCES|permission denied/i)
    await book.expectAllReadable()

    for (const folder of folders) chownSync(folder, nobody, nobody)
    const refusals = book.refusals.length
    await book.putMany(60, 20)
    expect(book.refusals).toHaveLength(refusals)
    await expectKept(book, server, data)
  },
  120_000,
)

test.skipIf(!canLimit)(
  'without file descriptors what needs one is refused, the rest goes on, and all does when there are some again',
  async () => {
    const data = join(root, 'descriptors')
    const server = await started(data, { under: ['prlimit', '--nofile=96'] })
    const book = new Book(server)
    await book.putMany(0, 20)

    const { hostname, port } = new URL(server.endpoint)
    const idle: Socket[] = []
    for (let count = 0; count < 120; count++) {
      const socket = connect({ host: hostname, port: Number(port) })
      socket.on('error', () => undefined)
      idle.push(socket)
    }
    await expect.poll(() => readdirSync(`/proc/${server.pid}/fd`).length).toBeGreaterThan(90)
    for (let at = 20; book.refusals.length < 5 && at < 400; at += 20) await book.putMany(at, 20)
    book.expectClearRefusals(/EMFILE|too many open files/i)
    const small = book.acknowledged.filter((key) => key.startsWith('small')).length
    await book.put('small-900')
    expect(book.acknowledged.filter((key) => key.startsWith('small'))).toHaveLength(small + 1)

    for (const socket of idle) socket.destroy()
    await expect
      .poll(async () => {
        const refusals = book.refusals.length
        await book.put('file-901')
        return book.refusals.length - refusals
      })
      .toBe(0)
    await book.expectAllReadable()
    await expectKept(book, server, data)
  },
  120_000,
)
