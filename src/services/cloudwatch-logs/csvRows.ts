/** CSV as RFC 4180 has it: values in quotes may have commas, quotes twice, and ends of lines in them. */

/** One value, and what ends it. */
const value = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/y

/** Undefined where it is none: a quote that does not end, or text beside one. Lines with nothing in them do not count. */
export function csvRows(text: string): string[][] | undefined {
  const rows: string[][] = []
  let row: string[] = []
  for (let at = text.startsWith('\uFEFF') ? 1 : 0; at <= text.length; ) {
    value.lastIndex = at
    const [whole, quoted, plain = '', end] = value.exec(text) ?? []
    if (whole === undefined) return undefined
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'))
    at += whole.length
    if (end === ',') continue
    if (row.length > 1 || row[0] !== '' || quoted !== undefined) rows.push(row)
    row = []
    if (end === '') break
  }
  return rows
}
