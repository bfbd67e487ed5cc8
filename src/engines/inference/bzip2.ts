/** bzip2, uncompressed, by its public description: Huffman codes, run lengths, move to front, Burrows-Wheeler. */

const blockMagic = 0x314159265359
const bytesPerLevel = 100_000

export class BrokenBzip2 extends Error {}

/** What the given beginning of a file holds in whole blocks. Errors: BrokenBzip2 where not even the header is right. */
export function bzip2Uncompressed(bytes: Buffer, bytesMax: number): { bytes: Buffer; isWhole: boolean } {
  const bits = new Bits(bytes)
  const out: Buffer[] = []
  let length = 0
  try {
    do {
      if (bits.read(24) !== 0x425a68) throw new BrokenBzip2('no bzip2 file')
      const blockMax = (bits.read(8) - 48) * bytesPerLevel
      while (bits.read(24) * 2 ** 24 + bits.read(24) === blockMagic) {
        const block = readBlock(bits, blockMax)
        out.push(block)
        length += block.length
        if (length >= bytesMax) return { bytes: Buffer.concat(out), isWhole: false }
      }
      // The stream's checksum; another stream may follow at the next byte.
      bits.read(32)
      bits.align()
    } while (!bits.isAtEnd)
    return { bytes: Buffer.concat(out), isWhole: true }
  } catch (error) {
    if (error instanceof BrokenBzip2 || !(error instanceof RangeError)) throw error
    return { bytes: Buffer.concat(out), isWhole: false }
  }
}

function readBlock(bits: Bits, blockMax: number): Buffer {
  bits.read(32)
  if (bits.read(1) === 1) throw new BrokenBzip2('a randomised block')
  const origin = bits.read(24)
  const symbols = usedSymbols(bits)
  const codes = huffmanCodes(bits, symbols.length + 2)
  const { bytes, counts } = movedToFront(codes, symbols, blockMax)
  return runsExpanded(transformed(bytes, counts, origin))
}

function usedSymbols(bits: Bits): number[] {
  const groups = bits.read(16)
  const used: number[] = []
  for (let group = 0; group < 16; group++) {
    if (!(groups & (0x8000 >> group))) continue
    const members = bits.read(16)
    for (let at = 0; at < 16; at++) if (members & (0x8000 >> at)) used.push(group * 16 + at)
  }
  return used
}

const symbolsPerSelector = 50

/** The next symbol, each time it is called. */
function huffmanCodes(bits: Bits, alphabet: number): () => number {
  const tables = bits.read(3)
  const selectorCount = bits.read(15)
  const front = Array.from({ length: tables }, (_, at) => at)
  const selectors: number[] = []
  for (let at = 0; at < selectorCount; at++) {
    let place = 0
    while (bits.read(1)) place += 1
    const [chosen] = front.splice(place, 1) as [number]
    front.unshift(chosen)
    selectors.push(chosen)
  }
  const decoders = Array.from({ length: tables }, () => codeTable(codeLengths(bits, alphabet)))
  let read = 0
  return () => {
    const table = decoders[selectors[Math.floor(read / symbolsPerSelector)] ?? -1]
    if (!table) throw new BrokenBzip2('a block has too few selectors')
    read += 1
    return table.next(bits)
  }
}

function codeLengths(bits: Bits, alphabet: number): number[] {
  const lengths: number[] = []
  let length = bits.read(5)
  for (let symbol = 0; symbol < alphabet; symbol++) {
    while (bits.read(1)) length += bits.read(1) ? -1 : 1
    lengths.push(length)
  }
  return lengths
}

/** Canonical codes: of each length the first code, and which symbols have that length. */
function codeTable(lengths: readonly number[]) {
  const bySize = lengths
    .map((size, symbol) => ({ size, symbol }))
    .toSorted((a, b) => a.size - b.size || a.symbol - b.symbol)
  const codes = new Map<number, number>()
  let [code, size] = [0, 0]
  for (const one of bySize) {
    code <<= one.size - size
    size = one.size
    codes.set(size * 2 ** 21 + code, one.symbol)
    code += 1
  }
  return {
    next(bits: Bits): number {
      let value = 0
      for (let length = 1; length <= 20; length++) {
        value = value * 2 + bits.read(1)
        const symbol = codes.get(length * 2 ** 21 + value)
        if (symbol !== undefined) return symbol
      }
      throw new BrokenBzip2('a code that no symbol has')
    },
  }
}

function movedToFront(next: () => number, symbols: readonly number[], blockMax: number) {
  const front = [...symbols]
  const bytes = new Uint8Array(blockMax)
  const counts = new Uint32Array(256)
  const end = symbols.length + 1
  let length = 0
  let [run, weight] = [0, 1]
  const put = (byte: number, times: number) => {
    if (length + times > blockMax) throw new BrokenBzip2('a block is too long')
    bytes.fill(byte, length, length + times)
    length += times
    counts[byte] = (counts[byte] as number) + times
  }
  for (;;) {
    const symbol = next()
    if (symbol <= 1) {
      run += weight << symbol
      weight *= 2
      continue
    }
    if (run > 0) put(front[0] as number, run)
    ;[run, weight] = [0, 1]
    if (symbol === end) return { bytes: bytes.subarray(0, length), counts }
    const [byte] = front.splice(symbol - 1, 1) as [number]
    front.unshift(byte)
    put(byte, 1)
  }
}

function transformed(bytes: Uint8Array, counts: Uint32Array, origin: number): Uint8Array {
  const starts = new Uint32Array(256)
  for (let byte = 1; byte < 256; byte++) starts[byte] = (starts[byte - 1] as number) + (counts[byte - 1] as number)
  const links = new Uint32Array(bytes.length)
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] as number
    const place = starts[byte] as number
    links[place] = at
    starts[byte] = place + 1
  }
  const out = new Uint8Array(bytes.length)
  let at = links[origin] as number
  for (let place = 0; place < bytes.length; place++) {
    out[place] = bytes[at] as number
    at = links[at] as number
  }
  return out
}

/** Four equal bytes are followed by how many more there are. */
function runsExpanded(bytes: Uint8Array): Buffer {
  let length = 0
  eachRun(bytes, (_, times) => {
    length += times
  })
  const out = Buffer.alloc(length)
  let end = 0
  eachRun(bytes, (byte, times) => {
    out.fill(byte, end, end + times)
    end += times
  })
  return out
}

function eachRun(bytes: Uint8Array, use: (byte: number, times: number) => void): void {
  let [run, before] = [0, -1]
  for (const byte of bytes) {
    if (run === 4) {
      if (byte > 0) use(before, byte)
      ;[run, before] = [0, -1]
      continue
    }
    run = byte === before ? run + 1 : 1
    before = byte
    use(byte, 1)
  }
}

class Bits {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#bytes.length * 8
  }

  align(): void {
    this.#at = Math.ceil(this.#at / 8) * 8
  }

  /** Errors: RangeError behind the last byte. */
  read(count: number): number {
    let value = 0
    for (let left = count; left > 0; ) {
      const byte = this.#bytes[this.#at >> 3]
      if (byte === undefined) throw new RangeError('the end')
      const free = 8 - (this.#at & 7)
      const take = Math.min(free, left)
      value = value * 2 ** take + ((byte >> (free - take)) & ((1 << take) - 1))
      this.#at += take
      left -= take
    }
    return value
  }
}
