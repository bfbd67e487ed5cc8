/** What a script needs of Apache Spark, told from its text. */
import { expect, test } from 'vitest'
import { sparkNeeds } from '../../src/engines/jobs/sparkNeeds.ts'

const needs: [string, string][] = [
  ['frame.rdd.map(f)', 'DataFrame.rdd'],
  ['rows = sc.parallelize([1])', 'RDDs of SparkContext'],
  ['spark.sparkContext.textFile("s3://b/k")', 'RDDs of SparkContext'],
  ['spark._jvm.java.lang.System', "Spark's Java objects"],
  ['spark.readStream.format("kafka")', 'streaming'],
  ['from pyspark.ml.feature import VectorAssembler', 'libraries of Spark'],
]

test.each(needs)('%s needs Apache Spark', (line, what) => {
  expect(sparkNeeds(`import sys\n${line}\n`)).toEqual([{ line: 2, what }])
})

const harmless = [
  '# frame.rdd would be slow',
  'print("no .rdd here, nor sc.parallelize(x)")',
  '"""\nframe.rdd\n"""',
  'sc._jsc.hadoopConfiguration().set("a", "b")',
  'spark.sparkContext.setLogLevel("WARN")',
  "path = 's3://bucket/file.rddata'",
]

test.each(harmless)('%s does not', (line) => {
  expect(sparkNeeds(line)).toEqual([])
})
