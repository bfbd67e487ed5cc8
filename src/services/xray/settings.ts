/** What belongs to an account as a whole: how its traces are encrypted, where its segments go; and what daemons say of themselves. */
import { NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'

const notEncrypted = { Status: 'ACTIVE' as const, Type: 'NONE' as const }

export const settingOperations = operations('xray', {
  async GetEncryptionConfig() {
    return { EncryptionConfig: notEncrypted }
  },

  async PutEncryptionConfig(input) {
    if (input.Type === 'KMS') throw NotImplemented('xray: encryption by a key of KMS')
    return { EncryptionConfig: notEncrypted }
  },

  async GetTraceSegmentDestination() {
    return { Destination: 'XRay' as const, Status: 'ACTIVE' as const }
  },

  async UpdateTraceSegmentDestination(input) {
    if (input.Destination === 'CloudWatchLogs') throw NotImplemented('xray: segments in CloudWatch Logs')
    return { Destination: 'XRay' as const, Status: 'ACTIVE' as const }
  },

  /** AWS shows them to nobody either. */
  async PutTelemetryRecords() {
    return {}
  },
})
