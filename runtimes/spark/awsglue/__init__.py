"""The part of Glue's library that works over Apache Spark's own frames. What is the same on every engine is the other package's."""

from pathlib import Path

__path__.append(str(Path(__file__).resolve().parents[2] / "glue" / "awsglue"))
