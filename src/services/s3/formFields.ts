/** `multipart/form-data` as S3's forms send it: small fields, then one file, which is handed on as it arrives. */
import { awsError } from '../../wire/errors.ts'

export interface Form {
  /** By lower-case name. */
  fields: Map<string, string>
  fileName: string
  /** Must be read to its end. */
  file: AsyncIterable<Uint8Array>
}

/** S3 takes 20,000 bytes of fields before the file. */
const fieldBytesMax = 20_000
const headBytesMax = 8_192

const malformedForm = () =>
  awsError('MalformedPOSTRequest', 'The body of your POST request is not well-formed multipart/form-data.', 400)

export async function readForm(contentType: string, body: AsyncIterable<Uint8Array>): Promise<Form> {
  const [, quotedBoundary, bare] = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType) ?? []
  const boundary = quotedBoundary ?? bare
  if (boundary === undefined) throw malformedForm()
  const reader = new PartReader(body)
  const fields = new Map<string, string>()
  // What precedes the first boundary is nothing; every later one follows a line end.
  await reader.text(`--${boundary}`, headBytesMax)
  let bytes = 0
  for (;;) {
    const head = await partHead(reader)
    if (!head) throw awsError('InvalidArgument', 'POST requires exactly one file upload per request.', 400)
    if (head.name === 'file') {
      return { fields, fileName: head.fileName, file: reader.until(`\r\n--${boundary}`) }
    }
    const value = await reader.text(`\r\n--${boundary}`, fieldBytesMax)
    bytes += head.name.length + Buffer.byteLength(value)
    if (bytes > fieldBytesMax) {
      throw awsError(
        'MaxPostPreDataLengthExceeded',
        'Your POST request fields preceding the upload file was too large.',
        400,
      )
    }
    fields.set(head.name, value)
  }
}

/** Nothing where the form is at its end. */
async function partHead(reader: PartReader): Promise<{ name: string; fileName: string } | undefined> {
  if ((await reader.text('\r\n', headBytesMax)).startsWith('--')) return undefined
  const head = await reader.text('\r\n\r\n', headBytesMax)
  const name = /\bname="([^"]*)"/i.exec(head)?.[1]
  if (name === undefined) throw malformedForm()
  // Browsers may send a whole path; only its last part is the file's name.
  const fileName = /\bfilename="([^"]*)"/i.exec(head)?.[1]?.replace(/^.*[/\\]/, '') ?? ''
  return { name: name.toLowerCase(), fileName }
}

class PartReader {
  readonly #parts: AsyncIterator<Uint8Array>
  #held: Buffer = Buffer.alloc(0)

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#parts = body[Symbol.asyncIterator]()
  }

  /** All before `mark`, which is taken off too. */
  async text(mark: string, bytesMax: number): Promise<string> {
    let text = Buffer.alloc(0)
    for await (const part of this.until(mark)) {
      text = Buffer.concat([text, part])
      if (text.length > bytesMax) throw malformedForm()
    }
    return text.toString('utf8')
  }

  /** The same as it arrives; what might be the mark's beginning is held back until it is known. */
  async *until(mark: string): AsyncIterable<Uint8Array> {
    for (;;) {
      const found = this.#held.indexOf(mark)
      if (found >= 0) {
        const part = this.#held.subarray(0, found)
        this.#held = this.#held.subarray(found + mark.length)
        if (part.length > 0) yield part
        return
      }
      const sure = this.#held.length - mark.length + 1
      if (sure > 0) {
        const part = this.#held.subarray(0, sure)
        this.#held = this.#held.subarray(sure)
        yield part
      }
      const next = await this.#parts.next()
      if (next.done) throw malformedForm()
      this.#held = this.#held.length === 0 ? Buffer.from(next.value) : Buffer.concat([this.#held, next.value])
    }
  }
}
