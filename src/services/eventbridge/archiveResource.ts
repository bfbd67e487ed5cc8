/** AWS::Events::Archive for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { archiveArn } from './archives.ts'

const nameMax = 48

export const archiveResource = resource('AWS::Events::Archive', {
  replaceOn: ['ArchiveName', 'SourceArn'],
  async create(properties, r) {
    const name = String(properties.ArchiveName ?? r.generatedName({ max: nameMax }))
    const { EventSourceArn, ...settings } = { EventSourceArn: properties.SourceArn, ...settingsOf(properties) }
    try {
      await r.call('eventbridge').CreateArchive({ ArchiveName: name, EventSourceArn, ...settings })
    } catch (error) {
      // A creation that was killed after its commit is made again: the name is this resource's own, unless it was given.
      if (properties.ArchiveName !== undefined || codeOf(error) !== 'ResourceAlreadyExistsException') throw error
    }
    return created(name, r)
  },
  async update(id, properties, _before, r) {
    // UpdateArchive leaves what it is not told as it was; a template that no longer says it means the default.
    const defaults = { Description: '', EventPattern: '', RetentionDays: 0 }
    await r.call('eventbridge').UpdateArchive({ ArchiveName: id, ...defaults, ...settingsOf(properties) })
    return created(id, r)
  },
  async delete(id, _properties, r) {
    try {
      await r.call('eventbridge').DeleteArchive({ ArchiveName: id })
    } catch (error) {
      if (codeOf(error) !== 'ResourceNotFoundException') throw error
    }
  },
})

function settingsOf({ Description, EventPattern, RetentionDays, KmsKeyIdentifier }: Properties) {
  return {
    ...(Description !== undefined && { Description: String(Description) }),
    ...(EventPattern !== undefined && {
      EventPattern: typeof EventPattern === 'string' ? EventPattern : JSON.stringify(EventPattern),
    }),
    ...(RetentionDays !== undefined && { RetentionDays: Number(RetentionDays) }),
    ...(KmsKeyIdentifier !== undefined && { KmsKeyIdentifier: String(KmsKeyIdentifier) }),
  }
}

function created(name: string, r: ResourceContext) {
  return { id: name, attributes: { Arn: archiveArn(name, r), ArchiveName: name } }
}

function codeOf(error: unknown): unknown {
  return (error as { code?: unknown }).code
}
