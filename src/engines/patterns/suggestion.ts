/** A pattern from an event: what kind of event it is and what it says, without what is different every time. */
type Json = null | boolean | number | string | Json[] | { [key: string]: Json }

/** Of the envelope only these say what an event is; id, time, account and region do not. */
const envelopeKeys = ['source', 'detail-type', 'detail']
const idLike = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
const timeLike = /^\d{4}-\d\d-\d\dT\d\d:\d\d/

/** Matches the event that it was made from. */
export function patternFor(event: { [key: string]: Json }): object {
  const isEnvelope = 'source' in event && 'detail' in event
  const said = isEnvelope
    ? Object.fromEntries(envelopeKeys.flatMap((key) => (key in event ? [[key, event[key]]] : [])))
    : event
  return objectPattern([said as { [key: string]: Json }]) ?? { source: [{ exists: true }] }
}

/** Of all objects at one place: elements of an array are one place. */
function objectPattern(objects: { [key: string]: Json }[]): object | undefined {
  const keys = new Set(objects.flatMap(Object.keys))
  const entries = [...keys].flatMap((key) => {
    const values = objects.flatMap((object) => (key in object ? [object[key] as Json] : []))
    const wanted = valuePattern(values)
    return wanted === undefined ? [] : [[key, wanted]]
  })
  return entries.length === 0 ? undefined : Object.fromEntries(entries)
}

/** The scalars as a list, or what the objects hold; a pattern cannot ask for both at once. */
function valuePattern(values: Json[]): object | undefined {
  const flat = values.flat(Number.POSITIVE_INFINITY as 1) as Json[]
  const objects = flat.filter((value) => value !== null && typeof value === 'object') as { [key: string]: Json }[]
  if (objects.length > 0) return objectPattern(objects)
  const scalars = [...new Set(flat)].filter((value) => !isOfOneTime(value))
  return scalars.length === 0 ? undefined : scalars
}

function isOfOneTime(value: Json): boolean {
  return typeof value === 'string' && (idLike.test(value) || timeLike.test(value))
}
