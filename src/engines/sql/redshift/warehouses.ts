/** The warehouses of a server: opened when first asked, closed with it. A cluster's databases are files of its folder. */

import { mkdirSync, rmSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { singleton } from '../../../delivery/singleton.ts'
import type { SqlLimits } from '../duckdb.ts'
import { type SpillFolders, spillFolders } from '../spillFolders.ts'
import { Warehouse } from './warehouse.ts'

/** Whose data it is: `000000000000/us-east-1/cluster-vendas`. */
export interface WarehousePlace {
  account: string
  region: string
  name: string
}

export class Warehouses {
  readonly #folder: string
  readonly #lakeFolder: string
  readonly #limits: SqlLimits
  readonly #spills: SpillFolders
  readonly #open = new Map<string, Promise<Warehouse>>()

  constructor(settings: { dataFolder: string; limits: SqlLimits; spills: SpillFolders }) {
    this.#folder = join(settings.dataFolder, 'redshift')
    this.#lakeFolder = join(settings.dataFolder, 'lake')
    this.#limits = settings.limits
    this.#spills = settings.spills
    mkdirSync(this.resultsFolder, { recursive: true })
  }

  /** Where statements' results are kept, by statement id. */
  get resultsFolder(): string {
    return join(this.#folder, 'results')
  }

  get(place: WarehousePlace, database: string): Promise<Warehouse> {
    const folder = this.#folderOf(place)
    const path = join(folder, `${encodeURIComponent(database)}.duckdb`)
    let opening = this.#open.get(path)
    if (!opening) {
      mkdirSync(folder, { recursive: true })
      const spillFolder = this.#spills.next()
      opening = Warehouse.open({ path, folders: [this.#lakeFolder], spillFolder, limits: this.#limits })
      this.#open.set(path, opening)
      opening.catch(() => this.#open.delete(path))
    }
    return opening
  }

  /** Deletes a cluster's data. */
  async drop(place: WarehousePlace): Promise<void> {
    const folder = this.#folderOf(place)
    for (const [path, opening] of this.#open) {
      if (!path.startsWith(`${folder}/`)) continue
      this.#open.delete(path)
      await opening.then(
        (warehouse) => warehouse.close(),
        () => undefined,
      )
    }
    await rm(folder, { recursive: true, force: true })
  }

  async reset(): Promise<void> {
    await this.close()
    rmSync(this.#folder, { recursive: true, force: true })
    mkdirSync(this.resultsFolder, { recursive: true })
  }

  async close(): Promise<void> {
    for (const opening of this.#open.values())
      await opening.then(
        (warehouse) => warehouse.close(),
        () => undefined,
      )
    this.#open.clear()
  }

  #folderOf(place: WarehousePlace): string {
    return join(this.#folder, place.account, place.region, encodeURIComponent(place.name))
  }
}

export const warehouses = singleton('redshift warehouses', (platform) => {
  const { dataFolder, options } = platform
  const limits = { memoryBytesMax: options.sqlMemoryMegabytes * 2 ** 20, threads: options.sqlThreads }
  return new Warehouses({ dataFolder, limits, spills: platform.use(spillFolders) })
})
