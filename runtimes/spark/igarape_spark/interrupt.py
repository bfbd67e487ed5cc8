"""A run's session on another's Connect server, whose own process was killed: what it still does there is interrupted."""

from pyspark.sql import SparkSession

SparkSession.builder.getOrCreate().interruptAll()
