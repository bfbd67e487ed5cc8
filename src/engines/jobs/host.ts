/** What a run asks of its server while it runs: objects as files, files as objects, and the Data Catalog. */

export interface LakeListing {
  files: { key: string; bytes: number; modifiedAt: number }[]
}

/** A staged file that becomes an object; it is moved, not copied. */
export interface StagedObject {
  key: string
  path: string
}

export interface LakeAccess {
  /** All objects whose key begins with the prefix, in key order. Errors: S3's, by `name`. */
  list(bucket: string, prefix: string): Promise<LakeListing>
  /** The objects as files that stay as they are while the run goes on. */
  open(bucket: string, keys: readonly string[]): Promise<{ files: { key: string; path: string }[] }>
  /** All puts and deletes happen, with their events, or none. */
  commit(bucket: string, puts: readonly StagedObject[], deletes: readonly string[]): Promise<void>
}

export interface RunHost {
  lake: LakeAccess
  /** A Glue operation on behalf of the script: `GetTable` … Errors: AWS's, by `name`. */
  glue(operation: string, input: object): Promise<object>
}

interface HostCall {
  method: string
  parameters: Record<string, unknown>
}

/** Carries out what a run's process asked for. */
export async function answer(host: RunHost, { method, parameters }: HostCall): Promise<unknown> {
  const bucket = String(parameters.bucket)
  switch (method) {
    case 'lake.list':
      return host.lake.list(bucket, String(parameters.prefix))
    case 'lake.open':
      return host.lake.open(bucket, parameters.keys as string[])
    case 'lake.commit':
      return host.lake.commit(bucket, parameters.puts as StagedObject[], parameters.deletes as string[])
    case 'glue':
      return host.glue(String(parameters.operation), parameters.input as object)
    default:
      throw new Error(`A run asked for ${method}, which is not known.`)
  }
}
