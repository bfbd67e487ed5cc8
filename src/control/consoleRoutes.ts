/** What the console asks of the server beside the control API that the command line has too. */
import type { Route } from '../services/route.ts'
import { consoleActivityRoutes } from './consoleActivity.ts'
import { consoleCallRoutes } from './consoleCalls.ts'
import { consoleFileRoutes } from './consoleFiles.ts'
import { consoleFiringRoutes } from './consoleFirings.ts'
import { consoleObjectRoutes } from './consoleObjects.ts'
import { consolePreviewRoutes } from './consolePreview.ts'
import { consoleSessionRoutes } from './consoleSessions.ts'

export const consoleRoutes: readonly Route[] = [
  ...consoleFileRoutes,
  ...consoleSessionRoutes,
  ...consoleCallRoutes,
  ...consoleActivityRoutes,
  ...consoleFiringRoutes,
  ...consolePreviewRoutes,
  ...consoleObjectRoutes,
]
