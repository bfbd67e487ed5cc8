/** What is wrong with a dashboard's body: errors, with which AWS does not keep it, and warnings, with which it does. */
import type { DashboardValidationMessage } from '@aws-sdk/client-cloudwatch'

interface Problems {
  errors: DashboardValidationMessage[]
  warnings: DashboardValidationMessage[]
}

type Json = Record<string, unknown>

const widgetsMax = 500
const types = new Set(['metric', 'text', 'log', 'alarm', 'explorer', 'custom'])
const gridWidth = 24
const heightMax = 1_000
const views = new Set(['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'])

export function bodyProblems(body: string): Problems {
  const problems: Problems = { errors: [], warnings: [] }
  let parsed: unknown
  try {
    parsed = JSON.parse(body)
  } catch {
    return refused(problems, '', 'The field "DashboardBody" must be a valid JSON object')
  }
  if (!isObject(parsed)) return refused(problems, '', 'Should be an object')
  const { widgets, start, end, periodOverride } = parsed
  if (!Array.isArray(widgets)) return refused(problems, '/', "Should have required property 'widgets'")
  if (widgets.length > widgetsMax) refused(problems, '/widgets', `Should NOT have more than ${widgetsMax} items`)
  if (end !== undefined && start === undefined)
    refused(problems, '/', 'Should have property start when property end is present')
  if (periodOverride !== undefined && periodOverride !== 'auto' && periodOverride !== 'inherit') {
    refused(problems, '/periodOverride', 'Should be equal to one of the allowed values: auto, inherit')
  }
  for (const [index, widget] of widgets.entries()) checkWidget(widget, `/widgets/${index}`, problems)
  return problems
}

function refused(problems: Problems, DataPath: string, Message: string): Problems {
  problems.errors.push({ DataPath, Message })
  return problems
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function checkWidget(widget: unknown, path: string, problems: Problems): void {
  if (!isObject(widget)) {
    refused(problems, path, 'Should be an object')
    return
  }
  const { type, properties } = widget
  if (typeof type !== 'string' || !types.has(type)) {
    refused(problems, `${path}/type`, `Should be equal to one of the allowed values: ${[...types].join(', ')}`)
    return
  }
  checkPlace(widget, path, problems)
  if (!isObject(properties)) {
    refused(problems, path, "Should have required property 'properties'")
    return
  }
  checks[type]?.(properties, `${path}/properties`, problems)
}

function checkPlace(widget: Json, path: string, problems: Problems): void {
  const bounds = {
    x: [0, gridWidth - 1],
    y: [0, Number.MAX_SAFE_INTEGER],
    width: [1, gridWidth],
    height: [1, heightMax],
  }
  for (const [name, [least, most]] of Object.entries(bounds) as [string, [number, number]][]) {
    const value = widget[name]
    if (value === undefined) continue
    if (!Number.isInteger(value)) refused(problems, `${path}/${name}`, 'Should be integer')
    else if ((value as number) < least) refused(problems, `${path}/${name}`, `Should be >= ${least}`)
    else if ((value as number) > most) refused(problems, `${path}/${name}`, `Should be <= ${most}`)
  }
  if ((widget.x === undefined) !== (widget.y === undefined))
    refused(problems, path, 'Should have both x and y, or neither')
}

const checks: Record<string, (properties: Json, path: string, problems: Problems) => void> = {
  metric(properties, path, problems) {
    const { metrics, annotations, view, region, period, stat } = properties
    if (metrics === undefined && !(isObject(annotations) && annotations.alarms !== undefined)) {
      refused(problems, path, "Should have required property 'metrics'")
    } else if (metrics !== undefined) checkMetrics(metrics, `${path}/metrics`, problems)
    if (view !== undefined && !views.has(String(view))) {
      refused(problems, `${path}/view`, `Should be equal to one of the allowed values: ${[...views].join(', ')}`)
    }
    if (region === undefined) refused(problems, path, "Should have required property 'region'")
    if (period !== undefined && !Number.isInteger(period)) refused(problems, `${path}/period`, 'Should be integer')
    if (stat !== undefined && typeof stat !== 'string') refused(problems, `${path}/stat`, 'Should be string')
  },
  text({ markdown }, path, problems) {
    if (typeof markdown !== 'string') refused(problems, path, "Should have required property 'markdown'")
  },
  log({ query, queryLanguage, region }, path, problems) {
    if (typeof query !== 'string') refused(problems, path, "Should have required property 'query'")
    else if (queryLanguage === undefined && !/^\s*SOURCE\b/i.test(query)) {
      problems.warnings.push({ DataPath: `${path}/query`, Message: 'The query names no log group by SOURCE' })
    }
    if (region === undefined) refused(problems, path, "Should have required property 'region'")
  },
  alarm({ alarms }, path, problems) {
    if (!Array.isArray(alarms)) refused(problems, path, "Should have required property 'alarms'")
    else if (alarms.length > 100) refused(problems, `${path}/alarms`, 'Should NOT have more than 100 items')
  },
  explorer({ metrics, labels, aggregateBy }, path, problems) {
    if (!Array.isArray(metrics)) refused(problems, path, "Should have required property 'metrics'")
    if (!Array.isArray(labels)) refused(problems, path, "Should have required property 'labels'")
    if (aggregateBy !== undefined && !isObject(aggregateBy))
      refused(problems, `${path}/aggregateBy`, 'Should be object')
  },
  custom({ endpoint }, path, problems) {
    if (typeof endpoint !== 'string') refused(problems, path, "Should have required property 'endpoint'")
  },
}

/** Rows of namespace, name and dimensions, or of an expression. */
function checkMetrics(metrics: unknown, path: string, problems: Problems): void {
  if (!Array.isArray(metrics)) {
    refused(problems, path, 'Should be array')
    return
  }
  for (const [index, row] of metrics.entries()) {
    const here = `${path}/${index}`
    if (!Array.isArray(row)) {
      refused(problems, here, 'Should be array')
      continue
    }
    const options = isObject(row.at(-1)) ? (row.at(-1) as Json) : undefined
    const names = options ? row.slice(0, -1) : row
    if (names.length === 0 && typeof options?.expression === 'string') continue
    if (names.length < 2) refused(problems, here, 'Should NOT have fewer than 2 items')
    else if (names.length % 2 !== 0) refused(problems, here, 'Should have a value for each dimension')
    if (!names.every((name) => typeof name === 'string')) refused(problems, here, 'Should be string')
  }
}
