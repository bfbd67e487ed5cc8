/** CloudWatch: metrics, what is computed of them, alarms and dashboards. */
import { metricSink } from '../../delivery/metrics.ts'
import { operationMeter } from '../../delivery/operationMeter.ts'
import { deliveryReporters } from '../../delivery/reports.ts'
import { provide } from '../../delivery/singleton.ts'
import { defineService } from '../service.ts'
import { actionReporter } from './alarmActions.ts'
import { alarmWorker } from './alarmEvaluation.ts'
import { historyOperations, historyWorker } from './alarmHistory.ts'
import { alarmOperations } from './alarmOperations.ts'
import { suppressionWorker } from './alarmTransitions.ts'
import { anomalyDetectorOperations } from './anomalyDetectors.ts'
import { compositeAlarmOperations } from './compositeAlarms.ts'
import { dashboardOperations } from './dashboards.ts'
import { sink } from './keeping.ts'
import { meterDrain } from './meterDraining.ts'
import { metricAlarmOperations } from './metricAlarms.ts'
import { metricDataOperations } from './metricData.ts'
import { statisticsOperations } from './metricStatistics.ts'
import { metricOperations } from './metrics.ts'
import { putOperations } from './putting.ts'
import { queueSampleWorker } from './queueSamples.ts'
import { requestMeter } from './requestMetrics.ts'
import { anomalyDetectorResource, compositeAlarmResource, dashboardResource, metricAlarmResource } from './resources.ts'
import { rollUpWorker } from './rollUps.ts'
import { tagOperations } from './tags.ts'
import { widgetImageOperations } from './widgetImages.ts'

export const cloudwatch = defineService('cloudwatch', {
  operations: [
    putOperations,
    metricOperations,
    statisticsOperations,
    metricDataOperations,
    metricAlarmOperations,
    compositeAlarmOperations,
    alarmOperations,
    historyOperations,
    anomalyDetectorOperations,
    dashboardOperations,
    widgetImageOperations,
    tagOperations,
  ],
  resources: [metricAlarmResource, compositeAlarmResource, dashboardResource, anomalyDetectorResource],
  workers: [rollUpWorker, alarmWorker, suppressionWorker, historyWorker, queueSampleWorker],
  provides: [
    provide(metricSink, () => sink),
    provide(operationMeter, () => requestMeter),
    provide(deliveryReporters.cloudwatch, () => actionReporter),
  ],
  start: (platform) => platform.use(meterDrain).listen(),
})
