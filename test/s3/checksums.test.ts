/** The checksums that are computed here and not by Node: against published values, in pieces, and built from their source. */
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { buildCrc, crcFile } from '../../scripts/crc.ts'
import { type Crc, crc32c, crc64nvme } from '../../src/services/s3/crc.ts'

test('both give the check value that their catalogue has', () => {
  const bytes = Buffer.from('123456789')

  expect(crc32c(bytes, 0n).toString(16)).toBe('e3069283')
  expect(crc64nvme(bytes, 0n).toString(16)).toBe('ae8b14860a799888')
})

test('a body of any length has the same checksum whole, in pieces, and bit by bit', () => {
  for (const length of [0, 1, 15, 16, 17, 255, 1_000, 65_536, 65_537, 150_000]) {
    const bytes = Buffer.from(Array.from({ length }, (_, index) => (index * 31 + (index >> 7)) & 255))
    expectSame(crc32c, bytes, { width: 32, polynomial: 0x82f63b78n })
    expectSame(crc64nvme, bytes, { width: 64, polynomial: 0x9a6c9329ac4bc9b5n })
  }
})

test('the module is built from its source', async () => {
  expect(await buildCrc()).toBe(readFileSync(crcFile, 'utf8'))
})

function expectSame(crc: Crc, bytes: Buffer, kind: { width: number; polynomial: bigint }): void {
  const whole = crc(bytes, 0n)
  const cut = Math.floor(bytes.length / 3)

  expect(crc(bytes.subarray(cut), crc(bytes.subarray(0, cut), 0n))).toBe(whole)
  expect(bitByBit(bytes, kind)).toBe(whole)
}

function bitByBit(bytes: Buffer, { width, polynomial }: { width: number; polynomial: bigint }): bigint {
  const all = (1n << BigInt(width)) - 1n
  const ofByte = Array.from({ length: 256 }, (_, byte) => {
    let crc = BigInt(byte)
    for (let bit = 0; bit < 8; bit++) crc = crc & 1n ? (crc >> 1n) ^ polynomial : crc >> 1n
    return crc
  })
  let crc = all
  for (const byte of bytes) crc = (crc >> 8n) ^ (ofByte[Number(crc & 255n) ^ byte] as bigint)
  return crc ^ all
}
