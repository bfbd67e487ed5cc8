/**
 * EventBridge: buses, rules and their targets, events, scheduled rules, API destinations and their connections, archives
 * and replays.
 */
import { eventSink } from '../../delivery/events.ts'
import { ruleExplainer } from '../../delivery/explainer.ts'
import { provide, type Singleton } from '../../delivery/singleton.ts'
import { defineService } from '../service.ts'
import { apiDestinationOperations } from './apiDestinations.ts'
import { apiDestinationTarget } from './apiDestinationTarget.ts'
import { apiDestinationResource, connectionResource } from './apiResources.ts'
import { archiveExpiryWorker } from './archiveExpiry.ts'
import { archiveResource } from './archiveResource.ts'
import { archiveOperations } from './archives.ts'
import { busDeletionOperations } from './busDeletion.ts'
import { busOperations } from './buses.ts'
import { busTarget } from './busTarget.ts'
import { connectionOperations } from './connections.ts'
import { connectionWorker } from './connectionWork.ts'
import { eventOperations } from './events.ts'
import { createExplainer } from './explaining.ts'
import { permissionOperations } from './permissions.ts'
import { replayWorker } from './replaying.ts'
import { replayOperations } from './replays.ts'
import { busPolicyResource, busResource, ruleResource } from './resources.ts'
import { Router } from './router.ts'
import { eventRouter } from './routing.ts'
import { ruleOperations } from './rules.ts'
import { scheduleWorker } from './scheduleWorker.ts'
import { tagOperations } from './tags.ts'
import { targetOperations } from './targets.ts'

export const eventbridge = defineService('eventbridge', {
  operations: [
    busOperations,
    busDeletionOperations,
    permissionOperations,
    ruleOperations,
    targetOperations,
    eventOperations,
    connectionOperations,
    apiDestinationOperations,
    tagOperations,
    archiveOperations,
    replayOperations,
  ],
  targets: [busTarget, apiDestinationTarget],
  resources: [
    ruleResource,
    busResource,
    busPolicyResource,
    connectionResource,
    apiDestinationResource,
    archiveResource,
  ],
  workers: [scheduleWorker, connectionWorker, archiveExpiryWorker, replayWorker],
  provides: [
    provide(eventRouter, (platform) => new Router(platform)),
    provide(eventSink, (platform) => platform.use(eventRouter as Singleton<Router>)),
    provide(ruleExplainer, createExplainer),
  ],
})
