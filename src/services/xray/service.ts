/** X-Ray: segments that functions and applications send, read back as traces, summaries and graphs. */
import { provide } from '../../delivery/singleton.ts'
import { traceSegments } from '../../delivery/traceSegments.ts'
import { defineService } from '../service.ts'
import { XRayDaemon } from './daemon.ts'
import { traceExpiryWorker } from './expiry.ts'
import { groupOperations } from './groups.ts'
import { groupResource, samplingRuleResource } from './resources.ts'
import { samplingRuleOperations } from './samplingRules.ts'
import { samplingTargetOperations } from './samplingTargets.ts'
import { segmentOperations } from './segments.ts'
import { graphOperations } from './serviceGraphs.ts'
import { settingOperations } from './settings.ts'
import { tagOperations } from './tags.ts'
import { traceOperations } from './traces.ts'

export const xray = defineService('xray', {
  operations: [
    segmentOperations,
    traceOperations,
    graphOperations,
    groupOperations,
    samplingRuleOperations,
    samplingTargetOperations,
    settingOperations,
    tagOperations,
  ],
  resources: [groupResource, samplingRuleResource],
  workers: [traceExpiryWorker],
  provides: [provide(traceSegments, (platform) => new XRayDaemon(platform))],
})
