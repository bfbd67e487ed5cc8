/**
 * What CloudFormation made here, and under which token: a creation that was killed after its commit is found again when it
 * is called again, and is not mistaken for a thing of that name that was there before.
 */
import { collection } from '../../store/collection.ts'
import { AwsError } from '../../wire/errors.ts'
import type { ResourceContext } from '../resource.ts'

interface StackCreation {
  /** `bus/sales` */
  name: string
  token: string
}

const stackCreations = collection<StackCreation>('eventbridge/stack-creations', {
  version: 1,
  key: ({ name }) => [name],
})

/** Errors: the operation's own, also where something of that name is there that another made. */
export async function createOnce(
  r: ResourceContext,
  name: string,
  { exists, create }: { exists: () => Promise<unknown>; create: () => Promise<unknown> },
): Promise<void> {
  const isOurs = () => r.in(stackCreations).get(name)?.token === r.token
  if (isOurs() && (await isFound(exists))) return
  if (!isOurs() && !(await isFound(exists))) {
    const { token } = r
    await r.commit((tx) => tx.in(stackCreations).put({ name, token }))
  }
  await create()
}

export async function forgetCreation(r: ResourceContext, name: string): Promise<void> {
  await r.commit((tx) => tx.in(stackCreations).delete(name))
}

async function isFound(exists: () => Promise<unknown>): Promise<boolean> {
  let isThere = true
  await ignoreMissing(exists, () => {
    isThere = false
  })
  return isThere
}

export async function ignoreMissing(
  call: () => Promise<unknown>,
  missing: () => void = () => undefined,
): Promise<void> {
  try {
    await call()
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error
    missing()
  }
}
