/** Which lines of a script need Apache Spark itself: what the embedded engine refuses by nature, found before it runs. */

export interface SparkNeed {
  line: number
  what: string
}

const constructs: readonly [RegExp, string][] = [
  [/\.rdd\b/, 'DataFrame.rdd'],
  [
    /\b(?:sc|sparkContext|spark_context|_sc)\.(parallelize|textFile|wholeTextFiles|binaryFiles|sequenceFile|emptyRDD|accumulator|runJob|union|newAPIHadoopFile|newAPIHadoopRDD|hadoopFile|pickleFile)\b/,
    'RDDs of SparkContext',
  ],
  [/\b_(?:jvm|jdf|jsparkSession|gateway)\b/, "Spark's Java objects"],
  [/\.(?:readStream|writeStream|forEachBatch)\b/, 'streaming'],
  [
    /\bfrom\s+pyspark\.(?:ml|mllib|streaming|graphx)\b|\bimport\s+pyspark\.(?:ml|mllib|streaming)\b/,
    'libraries of Spark',
  ],
  [/\bcreate_dynamic_frame(?:\.from_rdd|_from_rdd)\b/, 'DynamicFrames of RDDs'],
]

/** What of Spark there is only where its Java machine belongs to the script's own process, so not over a Connect server. */
const classic: readonly [RegExp, string][] = [
  ...constructs,
  [/\b(?:SparkConf|SQLContext|HiveContext|_jsc|getConf)\b/, "Spark's own context"],
  [
    /\b(?:sc|sparkContext|spark_context|_sc)\.(?!setLogLevel\b|setJobGroup\b|version\b|appName\b|applicationId\b|master\b|defaultParallelism\b|stop\b|getOrCreate\b)\w/,
    'SparkContext',
  ],
  [
    /\.(?:toJSON|foreach|foreachPartition|checkpoint|localCheckpoint|observe|semanticHash|sameSemantics|storageLevel)\b/,
    'what Spark Connect lacks',
  ],
]

/** Settings that Spark wants before it starts; they are quoted, so they are looked for in the text itself. */
const staticSetting =
  /\b(?:config|set)\(\s*['"]spark\.(?:(?!sql\.|app\.name|master)|sql\.(?:extensions|catalog|warehouse|streaming))/

export function sparkNeeds(script: string): SparkNeed[] {
  return found(constructs, script)
}

/** Why a script wants Spark in its classic mode. */
export function classicNeeds(script: string): SparkNeed[] {
  const settings = script.split('\n').flatMap((text, index) => (staticSetting.test(text) ? [index + 1] : []))
  return [...found(classic, script), ...settings.map((line) => ({ line, what: 'a setting of Spark before it starts' }))]
}

function found(wanted: readonly [RegExp, string][], script: string): SparkNeed[] {
  return withoutTexts(script)
    .split('\n')
    .flatMap((text, index) =>
      wanted.filter(([pattern]) => pattern.test(text)).map(([, what]) => ({ line: index + 1, what })),
    )
}

/** Comments and quoted texts become blanks, lines stay where they are. */
function withoutTexts(script: string): string {
  const token = /[rbfuRBFU]{0,2}("""|''')[\s\S]*?\1|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/g
  return script.replace(token, (found) => found.replace(/[^\n]/g, ' '))
}
