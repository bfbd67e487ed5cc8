/** Aliases: names of keys, each of one region. */
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { aliases, keyArn, keyNotFound, keys, mustUse, pageOf } from './keys.ts'

const { AlreadyExistsException, InvalidAliasNameException, NotFoundException } = awsErrors('kms')

export const aliasOperations = operations('kms', {
  async CreateAlias(input, ctx) {
    const { AliasName: name } = input
    if (!/^alias\/(?!aws\/)[\w/-]+$/.test(name)) {
      throw InvalidAliasNameException(
        'Alias must start with the prefix "alias/". Please see https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html',
      )
    }
    const key = await mustUse(ctx, input.TargetKeyId)
    await ctx.commit((tx) => {
      if (!tx.in(keys).has(key.id)) throw keyNotFound(ctx, input.TargetKeyId)
      if (tx.in(aliases).has(name)) {
        throw AlreadyExistsException(`An alias with the name ${aliasArn(name, ctx)} already exists`)
      }
      tx.in(aliases).put({ name, keyId: key.id, createdAt: tx.now })
    })
    return {}
  },

  async UpdateAlias(input, ctx) {
    const key = await mustUse(ctx, input.TargetKeyId)
    await ctx.commit((tx) => {
      const alias = tx.in(aliases).get(input.AliasName)
      if (!alias) throw NotFoundException(`Alias ${aliasArn(input.AliasName, ctx)} is not found.`)
      tx.in(aliases).put({ ...alias, keyId: key.id })
    })
    return {}
  },

  async DeleteAlias(input, ctx) {
    await ctx.commit((tx) => {
      if (!tx.in(aliases).has(input.AliasName)) {
        throw NotFoundException(`Alias ${aliasArn(input.AliasName, ctx)} is not found.`)
      }
      tx.in(aliases).delete(input.AliasName)
    })
    return {}
  },

  async ListAliases(input, ctx) {
    const keyId = input.KeyId === undefined ? undefined : (await mustUse(ctx, input.KeyId)).id
    const all = [...ctx.in(aliases).list()].filter((alias) => keyId === undefined || alias.keyId === keyId)
    const { page, rest } = pageOf(all, (alias) => alias.name, input)
    return {
      Aliases: page.map((alias) => ({
        AliasName: alias.name,
        AliasArn: aliasArn(alias.name, ctx),
        TargetKeyId: alias.keyId,
        CreationDate: new Date(alias.createdAt),
        LastUpdatedDate: new Date(alias.createdAt),
      })),
      ...rest,
    }
  },
})

function aliasArn(name: string, place: { account: string; region: string }): string {
  return keyArn('', place).replace(/key\/$/, name)
}
