/** Synthetic city lots: events of about 900 bytes in the shape of event-ruler's benchmark data, the same for a seed. */

const streets = [
  ...['JEFFERSON', 'BEACH', 'HYDE', 'CHESTNUT', 'FULTON', 'MASON', 'ACTON', 'BLAKE', 'DRUMM', 'RHODE ISLAND'],
  ...['BRANNAN', 'DOLORES', 'FILLMORE', 'GEARY', 'HAIGHT', 'IRVING', 'KIRKHAM', 'LAWTON', 'MORAGA', 'NORIEGA'],
  ...['OCEAN', 'PACHECO', 'QUINTARA', 'RIVERA', 'SANTIAGO', 'TARAVAL', 'ULLOA', 'VICENTE', 'WAWONA', 'STERLING'],
]
const streetTypes = ['ST', 'ST', 'ST', 'AVE', 'BLVD', 'WAY', null]
/** Lots that some rule of the banks asks for, so that every rule matches now and then. */
const wantedLots = ['1430022', '2607117', '2607218', '3745012', 'VACSTWIL']

export function cityLots(count: number, seed: number): string[] {
  const chance = chanceFrom(seed)
  return Array.from({ length: count }, (_, index) => JSON.stringify(lot(chance, index)))
}

type Chance = () => number

function lot(chance: Chance, index: number) {
  const below = (limit: number) => Math.floor(chance() * limit)
  const pick = <T>(items: readonly T[]) => items[below(items.length)] as T
  const block = String(below(9_000)).padStart(4, '0')
  const plot = String(below(600)).padStart(3, '0')
  const mapLot = chance() < 0.01 ? pick(wantedLots) : `${block}${plot}`
  const number = String(1 + below(4_000))
  const corners = Array.from({ length: 6 + below(10) }, () => corner(chance))
  return {
    type: 'Feature',
    properties: {
      MAPBLKLOT: mapLot,
      BLKLOT: mapLot,
      BLOCK_NUM: block,
      LOT_NUM: plot,
      FROM_ST: chance() < 0.01 ? '441' : number,
      TO_ST: number,
      STREET: pick(streets),
      ST_TYPE: pick(streetTypes),
      ODD_EVEN: index % 2 === 0 ? 'E' : 'O',
    },
    geometry: {
      type: chance() < 0.02 ? 'MultiPolygon' : 'Polygon',
      coordinates: corners,
      firstCoordinates: corners[0],
    },
  }
}

function corner(chance: Chance) {
  if (chance() < 0.002) return { x: -122.42916360922355, y: 37.729900216217324, z: 0 }
  return { x: -122.5 + chance() * 0.14, y: 37.7 + chance() * 0.13, z: 0 }
}

/** Numbers in [0, 1) by mulberry32. */
function chanceFrom(seed: number): Chance {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}
