package org.apache.spark.sql.igarape

import java.lang.reflect.InvocationTargetException
import java.util

import org.apache.spark.SparkContext

/** Runs the main method of a script in Scala, as its process asks. */
object ScriptMain {
  /**
   * What it failed with: its class, its message, and the line of the script where it was thrown, or where the script called
   * what threw it (0, if nowhere). Empty, where it came to its end.
   */
  def run(className: String, arguments: util.List[String], script: String): Array[String] =
    try {
      mainOf(className).invoke(null, arguments.toArray(Array[String]()))
      Array()
    } catch {
      case thrown: InvocationTargetException => described(thrown.getTargetException, script)
      case thrown: Throwable => described(thrown, script)
    } finally {
      // A cluster hears that the application is over, rather than that it lost it.
      SparkContext.getActive.foreach(_.stop())
      System.out.flush()
      System.err.flush()
    }

  private def mainOf(className: String) =
    Class.forName(className, true, Thread.currentThread.getContextClassLoader).getMethod("main", classOf[Array[String]])

  private def described(thrown: Throwable, script: String): Array[String] = {
    thrown.printStackTrace()
    val lines = Iterator.iterate(thrown)(_.getCause).takeWhile(_ != null).flatMap(_.getStackTrace).filter(_.getFileName == script).map(_.getLineNumber)
    Array(thrown.getClass.getName, Option(thrown.getMessage).getOrElse(""), lines.take(1).sum.toString)
  }
}
