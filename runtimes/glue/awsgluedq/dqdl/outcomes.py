"""What came of a rule: whether it passed, why not, and what was measured."""

from dataclasses import dataclass, field

from pyspark.sql.types import DoubleType, MapType, StringType, StructField, StructType

PASSED, FAILED = "Passed", "Failed"

SCHEMA = StructType(
    [
        StructField("Rule", StringType()),
        StructField("Outcome", StringType()),
        StructField("FailureReason", StringType()),
        StructField("EvaluatedMetrics", MapType(StringType(), DoubleType())),
        StructField("EvaluatedRule", StringType()),
    ]
)


@dataclass(frozen=True)
class Outcome:
    """`reason` is None where the rule passed."""

    reason: str | None = None
    metrics: dict = field(default_factory=dict)
    # It could not be held against the data at all.
    is_error: bool = False

    @property
    def passed(self):
        return self.reason is None

    @property
    def single_metric(self):
        return next(iter(self.metrics.values())) if len(self.metrics) == 1 else None

    def row(self, rule):
        return (rule.text, PASSED if self.passed else FAILED, self.reason, self.metrics, rule.evaluated or rule.text)


def judged(condition, value, metrics):
    """Of one number: AWS tells the number that does not meet the condition."""
    return Outcome(None if condition.holds(value) else unmet(value), metrics)


def unmet(value):
    shown = "NULL" if value is None else float(value)
    return f"Value: {shown} does not meet the constraint requirement!"


def joined(operator, outcomes):
    """The outcome of a composite: with `or` one that passed is enough."""
    metrics = {name: value for outcome in outcomes for name, value in outcome.metrics.items()}
    failed = [outcome.reason for outcome in outcomes if not outcome.passed]
    is_met = not failed if operator == "and" else len(failed) < len(outcomes)
    return Outcome(None if is_met else "; ".join(failed), metrics)
