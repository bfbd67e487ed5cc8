/** Tags of rules and buses. */
import type { Tag } from '@aws-sdk/client-eventbridge'
import { parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { tagFault, tagPairs, tagsMax } from '../tagRules.ts'
import { buses, getBus } from './buses.ts'
import { rules } from './rules.ts'

const { ResourceNotFoundException } = awsErrors('eventbridge')

/** Errors: ValidationException. */
export function checkTags(given: readonly Tag[]): void {
  const fault = tagFault(tagPairs(given))
  if (fault !== undefined) throw awsError('ValidationException', fault)
  mustBeFew(given)
}

function mustBeFew(tags: readonly Tag[]): void {
  if (tags.length > tagsMax) throw awsError('ValidationException', `A resource has at most ${tagsMax} tags.`)
}

export const tagOperations = operations('eventbridge', {
  async TagResource(input, ctx) {
    checkTags(input.Tags)
    await changeTags(ctx, input.ResourceARN, (tags) => {
      const given = new Set(input.Tags.map(({ Key }) => Key))
      return [...tags.filter(({ Key }) => !given.has(Key)), ...input.Tags]
    })
    return {}
  },

  async UntagResource(input, ctx) {
    await changeTags(ctx, input.ResourceARN, (tags) => tags.filter(({ Key = '' }) => !input.TagKeys.includes(Key)))
    return {}
  },

  async ListTagsForResource(input, ctx) {
    return { Tags: tagged(ctx, input.ResourceARN).tags }
  },
})

async function changeTags(ctx: Context, arn: string, change: (tags: Tag[]) => Tag[]): Promise<void> {
  await ctx.commit((tx) => {
    const { tags, save } = tagged(tx, arn)
    const changed = change(tags)
    mustBeFew(changed)
    save(tx, changed)
  })
}

interface Tagged {
  tags: Tag[]
  save: (tx: Tx, tags: Tag[]) => void
}

/** Errors: ResourceNotFoundException. */
function tagged(place: Pick<Context | Tx, 'in'>, arn: string): Tagged {
  const [kind, ...path] = parseArn(arn)?.resource.split('/') ?? []
  const name = path.pop() ?? ''
  if (kind === 'rule') {
    const rule = place.in(rules).get(path.join('/') || 'default', name)
    if (!rule)
      throw ResourceNotFoundException(`Rule ${name} does not exist on EventBus ${path.join('/') || 'default'}.`)
    return { tags: rule.tags, save: (tx, tags) => tx.in(rules).put({ ...rule, tags }) }
  }
  const bus = kind === 'event-bus' ? getBus(place.in(buses), name) : undefined
  if (!bus) throw ResourceNotFoundException(`Event bus ${name} does not exist.`)
  return { tags: bus.tags, save: (tx, tags) => tx.in(buses).put({ ...bus, tags }) }
}
