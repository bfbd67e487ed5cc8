/**
 * What a function prints, as log events. Two sources: frames from the bootstrap (a log record is one event even over
 * several lines; an end frame says that an invocation has printed its last), and raw output of the process, by line.
 */
import type { Readable } from 'node:stream'

/** A longer event is cut into several, as Lambda does. */
const eventCharactersMax = 256 * 1024
const endFrame = 2
const frameHeadBytes = 5

export interface FrameEvents {
  log(message: string): void
  end(requestId: string): void
}

export function readFrames(stream: Readable, events: FrameEvents): void {
  let buffer: Buffer = Buffer.alloc(0)
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => {
    buffer = buffer.length > 0 ? Buffer.concat([buffer, chunk]) : chunk
    let offset = 0
    while (buffer.length - offset >= frameHeadBytes) {
      const start = offset + frameHeadBytes
      const end = start + buffer.readUInt32BE(offset)
      if (buffer.length < end) break
      const text = buffer.toString('utf8', start, end)
      if (buffer[offset + 4] === endFrame) events.end(text)
      else logInPieces(text, events.log)
      offset = end
    }
    buffer = buffer.subarray(offset)
  })
}

export function readLines(stream: Readable, log: (message: string) => void): void {
  let pending = ''
  stream.setEncoding('utf8')
  stream.on('error', () => {})
  stream.on('data', (chunk: string) => {
    const lines = (pending + chunk).split('\n')
    pending = lines.pop() as string
    for (const line of lines) logInPieces(line, log)
    if (pending.length > eventCharactersMax) {
      logInPieces(pending, log)
      pending = ''
    }
  })
  stream.on('end', () => {
    if (pending) logInPieces(pending, log)
  })
}

function logInPieces(text: string, log: (message: string) => void): void {
  const pieces = Math.max(1, Math.ceil(text.length / eventCharactersMax))
  for (let piece = 0; piece < pieces; piece++) {
    log(pieces === 1 ? text : text.slice(piece * eventCharactersMax, (piece + 1) * eventCharactersMax))
  }
}
