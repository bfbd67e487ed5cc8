package com.amazonaws.services.glue.log

/** Writes to the error log of the run, as Glue's does. */
class GlueLogger extends Serializable {
  private def write(level: String, message: String): Unit = System.err.println(s"$level [main] glue.ProcessLauncher: $message")

  def info(message: String): Unit = write("INFO", message)

  def warn(message: String): Unit = write("WARN", message)

  def error(message: String): Unit = write("ERROR", message)
}
