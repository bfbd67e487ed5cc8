"""A ruleset evaluation run: tables of the Catalog held against rulesets, on the same engine and by the same evaluation as
in a job. The server starts it, with the order as its argument, and keeps what it publishes when it has ended well.
"""

import json
import sys

from awsglue.context import GlueContext
from awsgluedq.dqdl.evaluation import evaluate
from awsgluedq.dqdl.ruleset import parse_ruleset
from awsgluedq.publishing import as_json
from awsgluedq.tables import read_source
from pyspark.context import SparkContext


def main(order: dict) -> None:
    context = GlueContext(SparkContext.getOrCreate())
    primary = read_source(context, order["source"])
    sources = {alias: read_source(context, source) for alias, source in order["sources"].items()}
    for ruleset in order["rulesets"]:
        evaluation = evaluate(parse_ruleset(ruleset["text"]), primary, sources, context.engine.lake, by_row=order["byRow"])
        for rule, outcome in evaluation.rules:
            print("PASS " if outcome.passed else "FAIL ", rule.text, *([] if outcome.passed else [f"({outcome.reason})"]))
        result = {"context": ruleset["name"], "keepsResult": True, "measures": False, "s3Prefix": "", **as_json(evaluation)}
        context.engine.host.call("quality.publish", publication=result)


main(json.loads(sys.argv[1]))
