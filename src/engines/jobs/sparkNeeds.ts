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

export function sparkNeeds(script: string): SparkNeed[] {
  return withoutTexts(script)
    .split('\n')
    .flatMap((text, index) =>
      constructs.filter(([pattern]) => pattern.test(text)).map(([, what]) => ({ line: index + 1, what })),
    )
}

/** Comments and quoted texts become blanks, lines stay where they are. */
function withoutTexts(script: string): string {
  const token = /[rbfuRBFU]{0,2}("""|''')[\s\S]*?\1|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|#[^\n]*/g
  return script.replace(token, (found) => found.replace(/[^\n]/g, ' '))
}
