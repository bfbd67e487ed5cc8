/** AWS::Events::Archive for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { archiveArn } from './archives.ts'
import { createOnce, forgetCreation, ignoreMissing } from './stackCreations.ts'

const nameMax = 48

export const archiveResource = resource('AWS::Events::Archive', {
  replaceOn: ['ArchiveName', 'SourceArn'],
  async create(properties, r) {
    const name = String(properties.ArchiveName ?? r.generatedName({ max: nameMax }))
    const events = r.call('eventbridge')
    await createOnce(r, `archive/${name}`, {
      exists: () => events.DescribeArchive({ ArchiveName: name }),
      create: () =>
        events.CreateArchive({ ArchiveName: name, EventSourceArn: properties.SourceArn, ...settingsOf(properties) }),
    })
    return created(name, r)
  },
  async update(id, properties, _before, r) {
    // UpdateArchive leaves what it is not told as it was; a template that no longer says it means the default.
    const defaults = { Description: '', EventPattern: '', RetentionDays: 0 }
    await r.call('eventbridge').UpdateArchive({ ArchiveName: id, ...defaults, ...settingsOf(properties) })
    return created(id, r)
  },
  async delete(id, _properties, r) {
    await ignoreMissing(() => r.call('eventbridge').DeleteArchive({ ArchiveName: id }))
    await forgetCreation(r, `archive/${id}`)
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
