package org.apache.spark.sql.igarape

import scala.collection.mutable
import scala.util.Try

import org.apache.spark.SparkContext
import org.apache.spark.scheduler._
import org.apache.spark.sql.execution._
import org.apache.spark.sql.execution.adaptive.{AdaptiveSparkPlanExec, QueryStageExec}
import org.apache.spark.sql.execution.columnar.InMemoryTableScanExec
import org.apache.spark.sql.execution.command.DataWritingCommandExec
import org.apache.spark.sql.execution.datasources.InsertIntoHadoopFsRelationCommand
import org.apache.spark.sql.execution.datasources.v2.BatchScanExec
import org.apache.spark.sql.execution.exchange.ReusedExchangeExec
import org.apache.spark.sql.execution.metric.SQLMetric
import org.apache.spark.sql.execution.ui.SparkListenerSQLExecutionEnd

/**
 * What this Java machine has read and written. A query is counted by the metrics of its plan, since these tell of which files they
 * are; work without a plan, or whose plan does not say, by the metrics of its tasks.
 */
object Metering {
  private val names = Seq("rowsRead", "bytesRead", "filesRead", "rowsWritten", "bytesWritten", "filesWritten")
  private val totals = mutable.Map[String, Long]().withDefaultValue(0L)

  private[igarape] def add(name: String, more: Long): Unit = synchronized { totals(name) += more }

  def reset(): Unit = synchronized { totals.clear() }

  /** As JSON. */
  def counts(): String = synchronized { names.map(name => s""""$name":${totals(name)}""").mkString("{", ",", "}") }

  /** All that has ended is counted when it returns, unless Spark's listeners are far behind. */
  def settle(): Unit = SparkContext.getActive.foreach(context => Try(context.listenerBus.waitUntilEmpty(settleMilliseconds)))

  private val settleMilliseconds = 10000L
}

class Meter extends SparkListener {
  /** By stage of a job that goes on: the query that it belongs to, or none. */
  private val executions = mutable.Map[Int, Option[Long]]()
  private val stages = mutable.Map[Int, Seq[Int]]()
  private val tasksOf = mutable.Map[Long, mutable.Map[String, Long]]()
  /** What of a metric is counted already: a plan that is kept in memory is part of many. */
  private val counted = mutable.LinkedHashMap[Long, Long]()
  private val countedMax = 100000

  override def onJobStart(start: SparkListenerJobStart): Unit = {
    val id = Option(start.properties).flatMap(given => Option(given.getProperty(SQLExecution.EXECUTION_ID_KEY)))
    stages(start.jobId) = start.stageIds
    start.stageIds.foreach(stage => executions(stage) = id.map(_.toLong))
  }

  override def onJobEnd(end: SparkListenerJobEnd): Unit = stages.remove(end.jobId).foreach(executions --= _)

  override def onTaskEnd(end: SparkListenerTaskEnd): Unit =
    for (metrics <- Option(end.taskMetrics); execution <- executions.get(end.stageId)) {
      val found = Seq("rowsRead" -> metrics.inputMetrics.recordsRead, "bytesRead" -> metrics.inputMetrics.bytesRead,
        "rowsWritten" -> metrics.outputMetrics.recordsWritten, "bytesWritten" -> metrics.outputMetrics.bytesWritten)
      execution match {
        case None => found.foreach { case (name, more) => Metering.add(name, more) }
        case Some(id) =>
          val sums = tasksOf.getOrElseUpdate(id, mutable.Map[String, Long]().withDefaultValue(0L))
          found.foreach { case (name, more) => sums(name) += more }
      }
    }

  override def onOtherEvent(event: SparkListenerEvent): Unit = event match {
    case end: SparkListenerSQLExecutionEnd =>
      val tasks = tasksOf.remove(end.executionId).getOrElse(mutable.Map[String, Long]()).toMap
      // A query that failed may have no plan.
      val nodes = Option(end.qe).toSeq.flatMap(execution => Try(nodesOf(execution.executedPlan)).getOrElse(Nil))
      countReads(nodes, tasks)
      countWrites(nodes, tasks)
    case _ =>
  }

  private def countReads(nodes: Seq[SparkPlan], tasks: Map[String, Long]): Unit = {
    val scans = nodes.collect { case scan: DataSourceScanExec => scan; case scan: BatchScanExec => scan }
    if (scans.isEmpty) Seq("rowsRead", "bytesRead").foreach(name => Metering.add(name, tasks.getOrElse(name, 0L)))
    scans.filterNot(isOurs).foreach(count(_, "rowsRead" -> "numOutputRows", "bytesRead" -> "filesSize", "filesRead" -> "numFiles"))
  }

  private def countWrites(nodes: Seq[SparkPlan], tasks: Map[String, Long]): Unit = {
    val writes = nodes.collect { case write: DataWritingCommandExec => write }
    if (writes.isEmpty) Seq("rowsWritten", "bytesWritten").foreach(name => Metering.add(name, tasks.getOrElse(name, 0L)))
    writes.filterNot(isOurs).foreach(count(_, "rowsWritten" -> "numOutputRows", "bytesWritten" -> "numOutputBytes", "filesWritten" -> "numFiles"))
  }

  private def count(node: SparkPlan, wanted: (String, String)*): Unit =
    for ((name, metric) <- wanted; found <- node.metrics.get(metric)) Metering.add(name, news(found))

  private def news(metric: SQLMetric): Long = {
    val before = counted.getOrElse(metric.id, 0L)
    counted(metric.id) = metric.value
    if (counted.size > countedMax) counted.remove(counted.head._1)
    metric.value - before
  }

  /** Files by which the run's own process and Spark hand rows to each other are counted where they come from and where they go. */
  private def isOurs(node: SparkPlan): Boolean = {
    val places = node match {
      case scan: FileSourceScanExec => scan.relation.location.rootPaths.map(_.toString)
      case DataWritingCommandExec(write: InsertIntoHadoopFsRelationCommand, _) => Seq(write.outputPath.toString)
      case _ => Nil
    }
    places.nonEmpty && places.forall(place => s"$place/".contains("/.igarape/"))
  }

  private def nodesOf(plan: SparkPlan): Seq[SparkPlan] = {
    val inner = plan match {
      case adaptive: AdaptiveSparkPlanExec => Seq(adaptive.executedPlan)
      case stage: QueryStageExec => Seq(stage.plan)
      case reused: ReusedExchangeExec => Seq(reused.child)
      case cached: InMemoryTableScanExec => Seq(cached.relation.cachedPlan)
      case result: CommandResultExec => Seq(result.commandPhysicalPlan)
      case other => other.children
    }
    plan +: (inner ++ plan.subqueries).flatMap(nodesOf)
  }
}
