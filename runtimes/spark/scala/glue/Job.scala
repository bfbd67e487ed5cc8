package com.amazonaws.services.glue.util

import java.util

import com.amazonaws.services.glue.GlueContext

/** A run by its name. There is no bookmark to keep: plain Spark's sources have none, and a job that asks for one is refused before it runs. */
object Job {
  private var name: Option[String] = None

  def init(jobName: String, glueContext: GlueContext, args: util.Map[String, String] = new util.HashMap()): this.type = {
    name = Some(jobName)
    this
  }

  def isInitialized: Boolean = name.isDefined

  def commit(): Unit =
    if (name.isEmpty) throw new IllegalStateException("Job.commit needs Job.init before it.")

  def reset(): Unit = name = None
}
