/** The cache of unpacked code: whole or not there. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { strToU8, zipSync } from 'fflate'
import { afterAll, expect, test } from 'vitest'
import { CodeFolders } from '../../src/engines/functions/codeFolders.ts'

const folder = mkdtempSync(join(tmpdir(), 'igarape-unpacked-'))
afterAll(() => rmSync(folder, { recursive: true }))

const archive = (hash: string, text: string) => ({
  hash,
  read: async () => Buffer.from(zipSync({ 'index.py': strToU8(text) })),
})

test('what a killed server left half unpacked is swept, and what it had unpacked serves again', async () => {
  const left = join(folder, '.first.AbCdEf/task')
  mkdirSync(left, { recursive: true })
  writeFileSync(join(left, 'index.py'), 'ha')
  mkdirSync(join(folder, 'first/task'), { recursive: true })
  writeFileSync(join(folder, 'first/task/index.py'), 'whole')
  const folders = new CodeFolders(folder)

  const [first, second] = await Promise.all([
    folders.code(archive('first', 'again')),
    folders.code(archive('second', 'new')),
  ])

  expect(readdirSync(folder).sort()).toEqual(['first', 'second'])
  expect(readFileSync(join(first, 'index.py'), 'utf8')).toBe('whole')
  expect(readFileSync(join(second, 'index.py'), 'utf8')).toBe('new')
})

test('an archive that cannot be unpacked leaves nothing, and is tried anew', async () => {
  const folders = new CodeFolders(folder)
  const broken = { hash: 'third', read: async () => Buffer.from('no archive') }

  await expect(folders.code(broken)).rejects.toMatchObject({ reason: 'unreadable' })
  await folders.code(archive('third', 'good'))

  expect(readdirSync(folder).sort()).toEqual(['first', 'second', 'third'])
})
