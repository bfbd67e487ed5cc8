/** A wall clock's fields, and English names of months and days. */
export interface Clock {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  micros: number
  /** 0 is Sunday. */
  weekday: number
  dayOfYear: number
  isoWeek: number
  isoYear: number
}

export const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
]
export const weekdays = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']

export function clockOf(micros: bigint): Clock {
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const date = new Date(Number((micros - fraction) / 1000n))
  const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
  const dayOfYear = Math.round((midnight - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000) + 1
  // The ISO year is that of the week's Thursday.
  const thursday = new Date(midnight + (4 - (date.getUTCDay() || 7)) * 86_400_000)
  const isoYear = thursday.getUTCFullYear()
  return {
    year: date.getUTCFullYear(),
    month: date.getUTCMonth() + 1,
    day: date.getUTCDate(),
    hour: date.getUTCHours(),
    minute: date.getUTCMinutes(),
    second: date.getUTCSeconds(),
    micros: Number(fraction),
    weekday: date.getUTCDay(),
    dayOfYear,
    isoWeek: Math.floor((thursday.getTime() - Date.UTC(isoYear, 0, 1)) / 604_800_000) + 1,
    isoYear,
  }
}
