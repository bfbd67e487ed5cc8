/** A bus goes with its rules. */
import { awsError } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { archivesLoseBus } from './archiving.ts'
import { buses, busName, defaultBus } from './buses.ts'
import { router } from './routing.ts'
import { rules } from './rules.ts'

export const busDeletionOperations = operations('eventbridge', {
  async DeleteEventBus(input, ctx) {
    const name = busName(input.Name)
    if (name === defaultBus) throw awsError('ValidationException', 'Cannot delete event bus default.')
    await ctx.commit((tx) => {
      for (const rule of [...tx.in(rules).list({ prefix: [name] })]) tx.in(rules).delete(name, rule.name)
      tx.in(buses).delete(name)
      archivesLoseBus(tx, name)
      router(tx).busChanged(tx, name)
    })
    return {}
  },
})
