/** The input tables of the recorded statements, as CREATE EXTERNAL TABLE writes them. */

export interface InputTable {
  name: string
  columns: [name: string, type: string][]
  partitions: [name: string, type: string][]
  format: string
  serde_properties: Record<string, string>
  table_properties: Record<string, string>
}

const stored = ['parquet', 'orc', 'avro']
const serdes: Record<string, string> = {
  textfile: 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe',
  csv: 'org.apache.hadoop.hive.serde2.OpenCSVSerde',
  openx: 'org.openx.data.jsonserde.JsonSerDe',
  json: 'org.apache.hive.hcatalog.data.JsonSerDe',
  regex: 'org.apache.hadoop.hive.serde2.RegexSerDe',
}

export function tableStatement(table: InputTable, location: string): string {
  const columns = (list: [string, string][]) => list.map(([name, type]) => `\`${name}\` ${type}`).join(', ')
  const properties = { ...table.serde_properties }
  if (properties['field.delim'] !== undefined) properties['serialization.format'] = properties['field.delim']
  return [
    `create external table \`${table.name}\` (${columns(table.columns)})`,
    ...(table.partitions.length > 0 ? [`partitioned by (${columns(table.partitions)})`] : []),
    ...(stored.includes(table.format)
      ? []
      : [`row format serde '${serdes[table.format]}'`, ...pairs('with serdeproperties', properties)]),
    `stored as ${stored.includes(table.format) ? table.format : 'textfile'} location ${literal(location)}`,
    ...pairs('tblproperties', table.table_properties),
  ].join(' ')
}

function pairs(words: string, values: Record<string, string>): string[] {
  const list = Object.entries(values).map(([key, value]) => `${literal(key)}=${literal(value)}`)
  return list.length > 0 ? [`${words} (${list.join(', ')})`] : []
}

function literal(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'").replaceAll('\t', '\\t')}'`
}
