package com.amazonaws.services.glue

import org.apache.spark.SparkContext
import org.apache.spark.sql.{SQLContext, SparkSession}

/**
 * What scripts begin with. Its own sources and sinks are not there: a script reads and writes by its session.
 * https://docs.aws.amazon.com/glue/latest/dg/glue-etl-scala-apis-glue-gluecontext.html
 */
class GlueContext(@transient val sc: SparkContext) extends SQLContext(sc) {
  def getSparkSession: SparkSession = sparkSession
}
