package com.amazonaws.services.glue.util

/**
 * As `awsglue.utils.getResolvedOptions`, whose rules AWS says it has.
 * https://docs.aws.amazon.com/glue/latest/dg/glue-etl-scala-apis-glue-util-glueargparser.html
 */
object GlueArgParser {
  /** Resolved for every script, so that no script may ask for them. */
  private val reserved = Set("job-bookmark-option", "job-bookmark-from", "job-bookmark-to", "JOB_ID", "JOB_RUN_ID", "SECURITY_CONFIGURATION",
    "encryption-type", "enable-data-lineage", "RedshiftTempDir")
  /** Resolved for every script too, and scripts may ask for it. */
  private val offered = Set("TempDir")

  def getResolvedOptions(args: Array[String], options: Array[String]): Map[String, String] = {
    val asked = options.filter(reserved)
    if (asked.nonEmpty) throw new RuntimeException(s"Using reserved arguments ${asked.mkString("[", ", ", "]")}")
    val given = pairsOf(args.toList, options.toSet ++ reserved ++ offered)
    val missing = options.distinct.filterNot(given.contains).map("--" + _)
    if (missing.nonEmpty) throw new IllegalArgumentException(s"the following arguments are required: ${missing.mkString(", ")}")
    given.map { case (name, value) => (if (reserved(name)) name.replace('-', '_') else name) -> value }
  }

  private def pairsOf(args: List[String], known: Set[String]): Map[String, String] = args match {
    case name :: value :: rest if isOf(name, known) => Map(name.drop(2) -> value) ++ pairsOf(rest, known)
    case name :: rest if isOf(name.takeWhile(_ != '='), known) =>
      Map(name.drop(2).takeWhile(_ != '=') -> name.dropWhile(_ != '=').drop(1)) ++ pairsOf(rest, known)
    case _ :: rest => pairsOf(rest, known)
    case Nil => Map()
  }

  private def isOf(name: String, known: Set[String]): Boolean = name.startsWith("--") && known(name.drop(2))
}
