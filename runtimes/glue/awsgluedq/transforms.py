"""`EvaluateDataQuality`, as job scripts call it.

Source: https://docs.aws.amazon.com/glue/latest/dg/data-quality-gs-studio.html
"""

from awsglue.dynamicframe import DynamicFrame, DynamicFrameCollection
from awsgluedq.dqdl.evaluation import evaluate
from awsgluedq.dqdl.outcomes import SCHEMA
from awsgluedq.dqdl.row_outcomes import with_row_outcomes
from awsgluedq.dqdl.ruleset import parse_ruleset
from awsgluedq.publishing import Publishing

PRIMARY = "primary"
# What observations and caching choose changes no outcome: nothing observes anomalies, and data is read as often as it takes.
OPTIONS = {
    "compositeRuleEvaluation.method": ("COLUMN", "ROW"),
    "observations.scope": ("NONE", "ALL"),
    "performanceTuning.caching": ("CACHE_INPUT", "CACHE_NOTHING"),
}


class EvaluateDataQuality:
    @classmethod
    def apply(cls, frame, ruleset, publishing_options=None, additional_data_sources=None, additional_options=None):
        """A DynamicFrame of one row a rule: Rule, Outcome, FailureReason, EvaluatedMetrics, EvaluatedRule."""
        by_row = asks_rows(additional_options or {})
        return cls._evaluated(frame, ruleset, publishing_options, additional_data_sources, by_row)[0]

    def process_rows(self, frame, ruleset, publishing_options=None, additional_data_sources=None, additional_options=None):
        """`ruleOutcomes` as `apply` gives them, `rowLevelOutcomes` with what each row keeps and breaks, `originalData`."""
        by_row = asks_rows(additional_options or {})
        outcomes, primary = self._evaluated(frame, ruleset, publishing_options, additional_data_sources, by_row)
        rows = with_row_outcomes(parse_ruleset(ruleset), primary.toDF())
        context = primary.glue_ctx
        frames = {
            "originalData": primary,
            "rowLevelOutcomes": DynamicFrame.fromDF(rows, context, "rowLevelOutcomes"),
            "ruleOutcomes": outcomes,
        }
        return DynamicFrameCollection(frames, context)

    @staticmethod
    def _evaluated(frame, ruleset, publishing_options, additional_data_sources, by_row):
        frames = dict(frame) if isinstance(frame, dict) else {PRIMARY: frame}
        primary = frames.pop(PRIMARY)
        others = {**frames, **(additional_data_sources or {})}
        sources = {alias: other.toDF() for alias, other in others.items()}
        data = primary.toDF()
        engine = primary.glue_ctx.engine
        publishing = Publishing(engine.host, publishing_options or {})
        parsed = parse_ruleset(ruleset)
        evaluation = evaluate(parsed, data, sources, engine.lake, publishing.history(parsed), by_row)
        publishing.publish(evaluation)
        rows = [outcome.row(rule) for rule, outcome in evaluation.rules]
        outcomes = data.sparkSession.createDataFrame(rows, SCHEMA)
        return DynamicFrame.fromDF(outcomes, primary.glue_ctx, "ruleOutcomes"), primary


def asks_rows(options):
    """Whether composites are held against each row. Errors: NotImplementedError for options that are not known."""
    for name, value in options.items():
        if value not in OPTIONS.get(name, ()):
            raise NotImplementedError(f"EvaluateDataQuality: the option {name} = {value} is not supported.")
    return options.get("compositeRuleEvaluation.method") == "ROW"
