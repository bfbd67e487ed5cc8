/** The 14 kinds of rule of event-ruler's own benchmark, five rules each. */

export interface Bank {
  name: string
  rules: string[]
}

const lot = (matcher: unknown) => ({ properties: { MAPBLKLOT: [matcher] } })
const street = (matcher: unknown) => ({ properties: { STREET: [matcher] } })
const streetType = (matcher: unknown) => ({ properties: { ST_TYPE: [matcher] } })
const geometryType = (matcher: unknown) => ({ geometry: { type: [matcher] } })
const fromStreet = (matcher: unknown) => ({ properties: { FROM_ST: [matcher] } })

function corner(where: 'coordinates' | 'firstCoordinates') {
  const at = (axis: string, ...range: unknown[]) => ({ [where]: { [axis]: [{ numeric: range }] } })
  return [
    { geometry: { type: ['Polygon'], ...at('x', '=', -122.42916360922355) } },
    {
      geometry: {
        type: ['MultiPolygon'],
        ...(where === 'coordinates' ? at('y', '=', 37.729900216217324) : at('z', '=', 0)),
      },
    },
    { geometry: at('x', '<', -122.41600944012424) },
    { geometry: at('x', '>', -122.41600944012424) },
    { geometry: at('x', '>', -122.46471267081272, '<', -122.4063085128395) },
  ]
}

const banksOfPatterns: [name: string, patterns: object[]][] = [
  ['exact', ['1430022', '2607117', '2607218', '3745012', 'VACSTWIL'].map(lot)],
  ['wildcard', ['143*', '2*0*1*7', '*218', '3*5*2', 'VA*IL'].map((wildcard) => lot({ wildcard }))],
  ['prefix', ['AC', 'BL', 'DR', 'FU', 'RH'].map((prefix) => street({ prefix }))],
  [
    'prefix, ignoring case',
    ['Ac', 'bL', 'dR', 'Fu', 'rH'].map((text) => street({ prefix: { 'equals-ignore-case': text } })),
  ],
  ['suffix', ['ON', 'KE', 'MM', 'ING', 'GO'].map((suffix) => street({ suffix }))],
  [
    'suffix, ignoring case',
    ['oN', 'Ke', 'mM', 'InG', 'gO'].map((text) => street({ suffix: { 'equals-ignore-case': text } })),
  ],
  [
    'equal, ignoring case',
    [
      ...['jefferson', 'bEaCh', 'HyDe', 'CHESTNUT'].map((text) => street({ 'equals-ignore-case': text })),
      streetType({ 'equals-ignore-case': 'st' }),
    ],
  ],
  ['complex arrays', corner('coordinates')],
  ['numeric', corner('firstCoordinates')],
  [
    'anything-but',
    [
      street({ 'anything-but': ['FULTON'] }),
      street({ 'anything-but': ['MASON'] }),
      streetType({ 'anything-but': ['ST'] }),
      geometryType({ 'anything-but': ['Polygon'] }),
      fromStreet({ 'anything-but': ['441'] }),
    ],
  ],
  ['anything-but, ignoring case', anythingBut('equals-ignore-case', 'Fulton', 'Mason', 'st', 'polygon', '441')],
  ['anything-but prefix', anythingBut('prefix', 'FULTO', 'MASO', 'S', 'Poly', '44')],
  ['anything-but suffix', anythingBut('suffix', 'ULTON', 'ASON', 'T', 'gon', '41')],
  ['anything-but wildcard', anythingBut('wildcard', '*ULTO*', '*ASO*', '*T', '*olyg*', '*4*')],
]

export const banks: Bank[] = banksOfPatterns.map(([name, patterns]) => ({
  name,
  rules: patterns.map((pattern) => JSON.stringify(pattern)),
}))

/** Rules that each want one lot: what a table of many exact rules costs. */
export function exactBank(count: number): Bank {
  const numbers = Array.from({ length: count }, (_, at) => String(1_000_000 + at * 37))
  return {
    name: `${count.toLocaleString('en-US')} exact rules`,
    rules: numbers.map((number) => JSON.stringify(lot(number))),
  }
}

function anythingBut(operator: string, ...texts: [string, string, string, string, string]): object[] {
  const barred = (text: string) => ({ 'anything-but': { [operator]: [text] } })
  return [
    street(barred(texts[0])),
    street(barred(texts[1])),
    streetType(barred(texts[2])),
    geometryType(barred(texts[3])),
    fromStreet(barred(texts[4])),
  ]
}
