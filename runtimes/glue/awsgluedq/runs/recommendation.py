"""A rule recommendation run: a table of the Catalog is profiled, and the rules that its data keeps now are recommended."""

import json
import sys

from awsglue.context import GlueContext
from awsgluedq.recommendation import recommended_ruleset
from awsgluedq.tables import read_source
from pyspark.context import SparkContext


def main(order: dict) -> None:
    context = GlueContext(SparkContext.getOrCreate())
    ruleset = recommended_ruleset(read_source(context, order["source"]))
    print(ruleset)
    context.engine.host.call("quality.recommend", ruleset=ruleset)


main(json.loads(sys.argv[1]))
