/** Amazon SNS: topics, and those who are told of their messages: queues, functions, web endpoints, people. */
import { deliveryReporters } from '../../delivery/reports.ts'
import { provide } from '../../delivery/singleton.ts'
import { route } from '../route.ts'
import { defineService } from '../service.ts'
import { archiveExpiryWorker } from './archives.ts'
import { dataProtectionOperations } from './dataProtection.ts'
import { statusLogWorker, statusReporter } from './deliveryStatus.ts'
import { findingsWorker } from './findings.ts'
import { mailRoutes } from './mail.ts'
import { outboxRoutes } from './outbox.ts'
import { permissionOperations } from './permissions.ts'
import { phoneOperations } from './phones.ts'
import { platformApplicationOperations } from './platformApplications.ts'
import { platformEndpointOperations } from './platformEndpoints.ts'
import { publishOperations } from './publishing.ts'
import { endpointTarget } from './push.ts'
import { replayWorker } from './replays.ts'
import { subscriptionResource, topicPolicyResource, topicResource } from './resources.ts'
import { signer } from './signing.ts'
import { expiryWorker } from './subscriptionExpiry.ts'
import { subscriptionOperations } from './subscriptions.ts'
import { subscriberTarget, topicTarget } from './targets.ts'
import { topicOperations } from './topics.ts'

export const sns = defineService('sns', {
  operations: [
    topicOperations,
    subscriptionOperations,
    publishOperations,
    phoneOperations,
    platformApplicationOperations,
    platformEndpointOperations,
    permissionOperations,
    dataProtectionOperations,
  ],
  targets: [topicTarget, endpointTarget, subscriberTarget],
  resources: [topicResource, subscriptionResource, topicPolicyResource],
  workers: [statusLogWorker, expiryWorker, archiveExpiryWorker, replayWorker, findingsWorker],
  provides: [provide(deliveryReporters.sns, () => statusReporter)],
  routes: [
    ...mailRoutes,
    ...outboxRoutes,
    route('GET', '/_igarape/sns/certificate.pem', async (_, platform) => ({
      status: 200,
      headers: { 'content-type': 'application/x-pem-file' },
      body: platform.use(signer).certificatePem(),
    })),
  ],
})
