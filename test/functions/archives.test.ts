/** Archives: nothing leaves the folder it is unpacked into. */
import { existsSync, mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterEach, expect, test } from 'vitest'
import { BadArchive, inspectArchive, unpackArchive } from '../../src/engines/functions/archives.ts'

const folder = mkdtempSync(join(tmpdir(), 'igarape-archives-'))
afterEach(() => rmSync(join(folder, 'task'), { recursive: true, force: true }))

const link = (target: string) => [strToU8(target), { os: 3, attrs: (0o120777 << 16) >>> 0 }] as const
const program = [strToU8('#!/bin/sh\n'), { os: 3, attrs: (0o100755 << 16) >>> 0 }] as const

test('files, folders, modes and inner links are unpacked as they are', async () => {
  const archive = zipSync({ 'bin/run': [...program], 'lib/deep/a.txt': strToU8('á'), current: [...link('lib/deep')] })

  await unpackArchive(Buffer.from(archive), join(folder, 'task'))

  expect(statSync(join(folder, 'task/bin/run')).mode & 0o777).toBe(0o755)
  expect(readFileSync(join(folder, 'task/current/a.txt'), 'utf8')).toBe('á')
  expect(readlinkSync(join(folder, 'task/current'))).toBe('lib/deep')
})

test.for(['../evil.txt', 'a/../../evil.txt', '/evil.txt', 'a\\..\\..\\evil.txt'])('%s is refused', async (name) => {
  const archive = Buffer.from(zipSync({ [name]: strToU8('x') }))

  await expect(inspectArchive(archive)).rejects.toBeInstanceOf(BadArchive)
  await expect(unpackArchive(archive, join(folder, 'task'))).rejects.toBeInstanceOf(BadArchive)
  expect(existsSync(join(folder, 'evil.txt'))).toBe(false)
})

test.for(['/etc', '../../..', 'lib/../../up'])('a link to %s is refused', async (target) => {
  const archive = Buffer.from(zipSync({ out: [...link(target)] }))

  await expect(unpackArchive(archive, join(folder, 'task'))).rejects.toMatchObject({ reason: 'unsafe' })
})

test('what is no archive says so', async () => {
  await expect(inspectArchive(Buffer.from('nothing of the kind'))).rejects.toMatchObject({ reason: 'unreadable' })
})
