/**
 * Where queries put what is too much for their memory: a folder each, below one that holds nothing else. A folder goes
 * with its query; what a killed server left goes when the next one starts.
 */
import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { singleton } from '../../delivery/singleton.ts'

export class SpillFolders {
  readonly #folder: string
  #last = 0

  constructor(folder: string) {
    this.#folder = folder
    rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
  }

  /** One that no other has. It is made by what spills into it, if anything does. */
  next(): string {
    this.#last++
    return join(this.#folder, String(this.#last))
  }

  remove(folder: string): void {
    rmSync(folder, { recursive: true, force: true })
  }
}

export const spillFolders = singleton('spill folders', ({ dataFolder }) => new SpillFolders(join(dataFolder, 'spill')))
