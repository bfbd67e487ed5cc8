/**
 * The cyclic redundancy checks that Node does not bring: CRC-32C (Castagnoli) and CRC-64/NVME. Every object gets the
 * second where its client names none, so they run in WebAssembly (crc.as), on bytes that are copied into its memory.
 */
import { crcModule } from './generated/crc.ts'

/** Continues from `value`, which begins as 0. */
export type Crc = (bytes: Uint8Array, value: bigint) => bigint

export const crc32c: Crc = (bytes, value) => continued('CRC32C', bytes, value)
export const crc64nvme: Crc = (bytes, value) => continued('CRC64NVME', bytes, value)

function continued(kind: 'CRC32C' | 'CRC64NVME', bytes: Uint8Array, value: bigint): bigint {
  machine ??= startMachine()
  const { memory, update } = machine
  const all = (1n << BigInt(crcKinds[kind].width)) - 1n
  let crc = value ^ all
  for (let at = 0; at < bytes.length; at += windowBytes) {
    const part = bytes.subarray(at, at + windowBytes)
    memory.set(part, windowAt)
    // What comes back is signed.
    crc = BigInt.asUintN(64, update(tableAt[kind], crc, windowAt, windowAt + part.length))
  }
  return crc ^ all
}

// The memory: two sets of sixteen tables, then the bytes.
const tableBytes = 16 * 256 * 8
const tableAt = { CRC32C: 0, CRC64NVME: tableBytes } as const
const windowAt = 2 * tableBytes
const windowBytes = 65_536
const pages = 2

interface Machine {
  memory: Uint8Array
  update(table: number, value: bigint, from: number, to: number): bigint
}

// The parts of the host's interface that are used; Node's types do not have them.
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => { buffer: ArrayBuffer }
  Module: new (bytes: Uint8Array) => object
  Instance: new (
    module: object,
    imports: object,
  ) => { exports: Pick<Machine, 'update'> & { tables(table: number, polynomial: bigint): void } }
}

/** Made when it is first wanted, and like a table of constants the same for every server of the process. */
let machine: Machine | undefined

function startMachine(): Machine {
  const memory = new WebAssembly.Memory({ initial: pages })
  const module = new WebAssembly.Module(Buffer.from(crcModule, 'base64'))
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  exports.tables(tableAt.CRC32C, crcKinds.CRC32C.polynomial)
  exports.tables(tableAt.CRC64NVME, crcKinds.CRC64NVME.polynomial)
  return { memory: new Uint8Array(memory.buffer), update: exports.update }
}

/** The CRC of two parts together, from each one's own and the second's length: how a multipart object gets a whole one. */
export function combineCrc(first: bigint, second: bigint, secondLength: number, kind: CrcKind): bigint {
  const { width, polynomial } = crcKinds[kind]
  let shift = 1n << BigInt(width - 1) // x^0, reflected
  let power = multiply(shift >> 1n, shift, width, polynomial) // x^1
  for (let bit = 0; bit < 3; bit++) power = multiply(power, power, width, polynomial) // x^8: one byte
  for (let left = BigInt(secondLength); left > 0n; left >>= 1n) {
    if (left & 1n) shift = multiply(shift, power, width, polynomial)
    power = multiply(power, power, width, polynomial)
  }
  return multiply(first, shift, width, polynomial) ^ second
}

export type CrcKind = 'CRC32' | 'CRC32C' | 'CRC64NVME'

/** Polynomials are reflected. */
const crcKinds: Record<CrcKind, { width: number; polynomial: bigint }> = {
  CRC32: { width: 32, polynomial: 0xedb88320n },
  CRC32C: { width: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64, polynomial: 0x9a6c9329ac4bc9b5n },
}

/** The product of two reflected polynomials, modulo the third. */
function multiply(a: bigint, b: bigint, width: number, polynomial: bigint): bigint {
  let product = 0n
  let factor = b
  for (let bit = 1n << BigInt(width - 1); bit > 0n; bit >>= 1n) {
    if (a & bit) product ^= factor
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n
  }
  return product
}
