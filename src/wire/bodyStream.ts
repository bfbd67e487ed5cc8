/**
 * A body that is handed to a handler as it arrives. It can be read once. SDKs wrap such bodies in `aws-chunked`
 * framing, with a signature for each chunk and checksums after the last; that framing is taken off here.
 */
import { awsError } from './errors.ts'

/** Is told each chunk before it is passed on, and throws where its signature is wrong. */
export type ChunkVerifier = (signature: string, data: Uint8Array) => void

export interface BodyOptions {
  /** Of the content, without framing, where the client said it. */
  length?: number
  /** The hash that the request is signed with, if it covers the body. */
  sha256?: string
  chunked?: boolean
  verifyChunk?: ChunkVerifier
}

const chunkLineBytesMax = 8192

export class BodyStream implements AsyncIterable<Uint8Array> {
  readonly length: number | undefined
  readonly sha256: string | undefined
  /** Headers that follow the body, such as `x-amz-checksum-crc32`: complete once the body has been read. */
  readonly trailers: Record<string, string> = {}
  private readonly source: Uint8Array | AsyncIterable<Uint8Array>
  private readonly options: BodyOptions

  constructor(source: Uint8Array | AsyncIterable<Uint8Array>, options: BodyOptions = {}) {
    this.source = source
    this.options = options
    this.length = options.length ?? (source instanceof Uint8Array && !options.chunked ? source.length : undefined)
    this.sha256 = options.sha256
  }

  /** The body itself, where it has come whole and bears no framing: then nothing needs to be streamed. */
  get whole(): Uint8Array | undefined {
    if (this.options.chunked || !(this.source instanceof Uint8Array)) return undefined
    this.checkLength(this.source.length)
    return this.source
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array> {
    const parts = this.source instanceof Uint8Array ? once(this.source) : this.source
    return this.options.chunked ? this.unwrap(parts) : this.counted(parts)
  }

  /** A client that hangs up early must not leave half an object behind. */
  private async *counted(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let size = 0
    for await (const part of parts) {
      size += part.length
      yield part
    }
    this.checkLength(size)
  }

  private async *unwrap(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    const reader = new ByteReader(parts)
    const verify = this.options.verifyChunk
    let size = 0
    for (;;) {
      const [sizeText = '', ...extensions] = (await reader.line()).split(';')
      if (!/^[0-9a-fA-F]{1,12}$/.test(sizeText)) throw incompleteBody()
      let left = Number.parseInt(sizeText, 16)
      if (left === 0) {
        verify?.(signatureIn(extensions), new Uint8Array())
        break
      }
      const held: Uint8Array[] = []
      while (left > 0) {
        const part = await reader.some(left)
        left -= part.length
        size += part.length
        if (verify) held.push(part)
        else yield part
      }
      if ((await reader.line()) !== '') throw incompleteBody()
      if (verify) {
        const chunk = Buffer.concat(held)
        verify(signatureIn(extensions), chunk)
        yield chunk
      }
    }
    await this.readTrailers(reader)
    this.checkLength(size)
  }

  private async readTrailers(reader: ByteReader): Promise<void> {
    for (let line = await reader.lastLine(); line !== ''; line = await reader.lastLine()) {
      const colon = line.indexOf(':')
      if (colon > 0) this.trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim()
    }
  }

  private checkLength(size: number): void {
    if (this.length !== undefined && size !== this.length) throw incompleteBody()
  }
}

function signatureIn(extensions: string[]): string {
  const found = extensions.find((extension) => extension.startsWith('chunk-signature='))
  return found?.slice('chunk-signature='.length) ?? ''
}

function incompleteBody(): Error {
  return awsError('IncompleteBody', 'The request body terminated unexpectedly')
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  if (bytes.length > 0) yield bytes
}

/** Lines and runs of bytes out of a stream cut anywhere. */
class ByteReader {
  private readonly parts: AsyncIterator<Uint8Array>
  private held: Buffer = Buffer.alloc(0)

  constructor(parts: AsyncIterable<Uint8Array>) {
    this.parts = parts[Symbol.asyncIterator]()
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.held.indexOf('\r\n')
      if (end >= 0) {
        const line = this.held.toString('latin1', 0, end)
        this.held = this.held.subarray(end + 2)
        return line
      }
      if (this.held.length > chunkLineBytesMax || !(await this.more())) throw incompleteBody()
    }
  }

  /** The blank line at the very end is left out by some clients. */
  async lastLine(): Promise<string> {
    while (this.held.indexOf('\r\n') < 0) {
      if (this.held.length > chunkLineBytesMax) throw incompleteBody()
      if (await this.more()) continue
      const line = this.held.toString('latin1').trim()
      this.held = Buffer.alloc(0)
      return line
    }
    return this.line()
  }

  async some(bytesMax: number): Promise<Uint8Array> {
    while (this.held.length === 0) if (!(await this.more())) throw incompleteBody()
    const taken = this.held.subarray(0, bytesMax)
    this.held = this.held.subarray(taken.length)
    return taken
  }

  private async more(): Promise<boolean> {
    const next = await this.parts.next()
    if (next.done) return false
    const part = Buffer.from(next.value.buffer, next.value.byteOffset, next.value.byteLength)
    this.held = this.held.length === 0 ? part : Buffer.concat([this.held, part])
    return true
  }
}
