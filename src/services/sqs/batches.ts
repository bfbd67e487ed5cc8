/** What all batch operations share: their limits, their ids, and an entry's own failure. */
import { AwsError, awsErrors } from '../../wire/errors.ts'

const { EmptyBatchRequest, TooManyEntriesInBatchRequest, BatchEntryIdsNotDistinct, InvalidBatchEntryId } =
  awsErrors('sqs')

const entriesMax = 10

/** Errors: AWS's, for the batch as a whole. */
export function checkBatch<E extends { Id: string | undefined }>(entries: readonly E[] | undefined): readonly E[] {
  if (!entries || entries.length === 0) throw EmptyBatchRequest('There should be at least one entry in the request.')
  if (entries.length > entriesMax) {
    throw TooManyEntriesInBatchRequest(
      `Maximum number of entries per request are ${entriesMax}. You have sent ${entries.length}.`,
    )
  }
  const seen = new Set<string>()
  for (const { Id = '' } of entries) {
    if (!/^[A-Za-z0-9_-]{1,80}$/.test(Id)) {
      throw InvalidBatchEntryId(
        'A batch entry id can only contain alphanumeric characters, hyphens and underscores. It can be at most 80 letters long.',
      )
    }
    if (seen.has(Id)) throw BatchEntryIdsNotDistinct(`Id ${Id} repeated.`)
    seen.add(Id)
  }
  return entries
}

/** Errors: whatever is no answer of AWS's goes on. */
export function failedEntry(id: string | undefined, error: unknown) {
  if (!(error instanceof AwsError)) throw error
  return { Id: id, SenderFault: true, Code: error.code, Message: error.message }
}
