/** Access keys of users, and the deletion of users, which these keys stand in the way of. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { issuedKeys } from '../../delivery/credentials.ts'
import { collection } from '../../store/collection.ts'
import { newAccessKeyId } from '../../wire/accessKeys.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { groups } from './groups.ts'
import { pageOf } from './pages.ts'
import { checkEmpty } from './policyHolder.ts'
import { type User, userNotFound, users } from './users.ts'

const { DeleteConflictException, LimitExceededException, NoSuchEntityException, InvalidInputException } =
  awsErrors('iam')

export interface AccessKey {
  id: string
  secret: string
  userName: string
  status: 'Active' | 'Inactive'
  createdAt: Millis
}

export const accessKeys = collection<AccessKey>('iam/access-keys', {
  version: 1,
  scope: 'account',
  key: (key) => [key.id],
})

const keysOfUserMax = 2

export const accessKeyOperations = operations('iam', {
  async CreateAccessKey(input, ctx) {
    const userName = mustName(input.UserName)
    const key: AccessKey = {
      id: newAccessKeyId('AKIA', ctx.account, ctx.random),
      secret: ctx.random.hex(40),
      userName,
      status: 'Active',
      createdAt: ctx.clock.now(),
    }
    await ctx.commit((tx) => {
      const user = tx.in(users).get(userName)
      if (!user) throw userNotFound(userName)
      const present = [...tx.in(accessKeys).list()].filter((other) => other.userName === userName)
      if (present.length >= keysOfUserMax) {
        throw LimitExceededException(`Cannot exceed quota for AccessKeysPerUser: ${keysOfUserMax}`)
      }
      tx.in(accessKeys).put(key)
      issue(tx, key, user)
    })
    return { AccessKey: { ...keyOutput(key), SecretAccessKey: key.secret } }
  },

  async ListAccessKeys(input, ctx) {
    const userName = mustName(input.UserName)
    if (!ctx.in(users).has(userName)) throw userNotFound(userName)
    const all = [...ctx.in(accessKeys).list()].filter((key) => key.userName === userName)
    const { page, rest } = pageOf(all, (key) => key.id, input)
    return { AccessKeyMetadata: page.map(keyOutput), ...rest }
  },

  async UpdateAccessKey(input, ctx) {
    const { Status: status } = input
    if (status !== 'Active' && status !== 'Inactive') throw InvalidInputException(`Invalid status ${status}.`)
    await ctx.commit((tx) => {
      const key = mustGetKey(tx.in(accessKeys).get(input.AccessKeyId), input.AccessKeyId)
      tx.in(accessKeys).put({ ...key, status })
      const user = tx.in(users).get(key.userName)
      if (status === 'Active' && user) issue(tx, key, user)
      else tx.in(issuedKeys).delete(key.id)
    })
    return {}
  },

  async GetAccessKeyLastUsed(input, ctx) {
    const key = mustGetKey(ctx.in(accessKeys).get(input.AccessKeyId), input.AccessKeyId)
    return { UserName: key.userName, AccessKeyLastUsed: { ServiceName: 'N/A', Region: 'N/A', LastUsedDate: undefined } }
  },

  async DeleteAccessKey(input, ctx) {
    await ctx.commit((tx) => {
      mustGetKey(tx.in(accessKeys).get(input.AccessKeyId), input.AccessKeyId)
      tx.in(accessKeys).delete(input.AccessKeyId)
      tx.in(issuedKeys).delete(input.AccessKeyId)
    })
    return {}
  },

  async DeleteUser(input, ctx) {
    await ctx.commit((tx) => {
      const user = tx.in(users).get(input.UserName)
      if (!user) throw userNotFound(input.UserName)
      if ([...tx.in(accessKeys).list()].some((key) => key.userName === user.name)) {
        throw DeleteConflictException('Cannot delete entity, must delete access keys first.')
      }
      if ([...tx.in(groups).list()].some((group) => group.members.includes(user.name))) {
        throw DeleteConflictException('Cannot delete entity, must remove users from group first.')
      }
      checkEmpty(user)
      tx.in(users).delete(user.name)
    })
    return {}
  },
})

/** Only issued keys open the gate: an inactive one is not among them. */
function issue(tx: Tx, key: AccessKey, user: User): void {
  tx.in(issuedKeys).put({
    accessKeyId: key.id,
    secretAccessKey: key.secret,
    account: tx.account,
    arn: user.arn,
    userId: user.id,
  })
}

/** IAM takes the caller's own user when no name is given; the callers here are roots and have none. */
function mustName(name: string | undefined): string {
  if (name !== undefined) return name
  throw InvalidInputException('Must specify userName when calling with non-User credentials')
}

function mustGetKey(key: AccessKey | undefined, id: string): AccessKey {
  if (key) return key
  throw NoSuchEntityException(`The Access Key with id ${id} cannot be found.`)
}

function keyOutput(key: AccessKey) {
  return {
    UserName: key.userName,
    AccessKeyId: key.id,
    Status: key.status,
    CreateDate: new Date(key.createdAt),
  }
}
