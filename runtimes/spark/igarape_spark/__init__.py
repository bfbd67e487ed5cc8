"""Runs jobs on Apache Spark itself, in a process of their own with its Java machine."""
