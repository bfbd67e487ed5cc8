/** What a script needs of Apache Spark, told from its text. */
import { expect, test } from 'vitest'
import { classicNeeds, sparkNeeds } from '../../src/engines/jobs/sparkNeeds.ts'

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

const classic = [
  'frame.rdd.map(f)',
  'conf = SparkConf()',
  'sc.broadcast(rates)',
  'frame.foreachPartition(send)',
  'builder.config("spark.executor.memory", "4g")',
  'conf.set("spark.sql.extensions", "x.Y")',
  'sc._jsc.hadoopConfiguration().set("a", "b")',
]

test.each(classic)('%s needs Spark in its classic mode', (line) => {
  expect(classicNeeds(`import sys\n${line}\n`).map((need) => need.line)).toContain(2)
})

const overConnect = [
  'glue = GlueContext(SparkContext.getOrCreate())',
  'spark.sparkContext.setLogLevel("WARN")',
  'spark.conf.set("spark.sql.shuffle.partitions", "4")',
  'print(spark.conf.get("spark.app.id"))',
  'frame.join(functions.broadcast(small), "id")',
]

test.each(overConnect)('%s goes over Spark Connect', (line) => {
  expect(classicNeeds(line)).toEqual([])
})
