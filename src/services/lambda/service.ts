/** Lambda: functions, run as processes of this machine. */
import { arrivals } from '../../delivery/arrivals.ts'
import { defineService } from '../service.ts'
import { aliasOperations } from './aliases.ts'
import { asyncInvocationWorker } from './asyncInvocations.ts'
import { archiveRoute } from './code.ts'
import { eventInvokeOperations } from './eventInvokeConfigs.ts'
import { mappingOperations } from './eventSourceMappings.ts'
import { functionOperations } from './functions.ts'
import { invocationOperations } from './invocations.ts'
import { layerOperations } from './layers.ts'
import { permissionOperations } from './permissions.ts'
import { onArrival, pollWorker } from './pollWorker.ts'
import { functionResources } from './resources.ts'
import { settingOperations } from './settings.ts'
import { functionTarget } from './target.ts'
import { versionOperations } from './versions.ts'

export const lambda = defineService('lambda', {
  operations: [
    functionOperations,
    versionOperations,
    aliasOperations,
    permissionOperations,
    invocationOperations,
    eventInvokeOperations,
    mappingOperations,
    layerOperations,
    settingOperations,
  ],
  targets: [functionTarget],
  resources: functionResources,
  workers: [asyncInvocationWorker, pollWorker],
  routes: [archiveRoute],
  start: (platform) => platform.use(arrivals).listen(onArrival),
})
