/** The scanner in WebAssembly; where the host refuses it, byteScanner.ts takes its place. */
import { eventScanModule } from './generated/eventScan.ts'
import { layout, type Memory, pagesAtFirst, recordsMax, ScanMemory } from './scanMemory.ts'

export interface EventScanner {
  readonly memory: ScanMemory
  /** How many fields were recorded of the event that was written, or -1 if it must be read the slow way. */
  scan(length: number, root: number): number
}

// The parts of the host's interface that are used; Node's types do not have them.
declare const WebAssembly: {
  Memory: new (limits: { initial: number }) => { buffer: ArrayBuffer; grow(pages: number): number }
  Module: new (bytes: Uint8Array) => object
  Instance: new (module: object, imports: object) => { exports: Exports }
}

interface Exports {
  layout(input: number, stack: number, records: number, recordsMax: number, memberships: number): void
  scan(length: number, root: number): number
}

let compiled: object | undefined

/** Undefined where the host has no WebAssembly, or none with SIMD, or allows none. */
export function wasmScanner(): EventScanner | undefined {
  try {
    compiled ??= new WebAssembly.Module(Buffer.from(eventScanModule, 'base64'))
    const memory = new WebAssembly.Memory({ initial: pagesAtFirst() })
    const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
    exports.layout(layout.input, layout.stack, layout.records, recordsMax, layout.memberships)
    return { memory: new ScanMemory(memory as Memory), scan: exports.scan }
  } catch {
    return undefined
  }
}
