"""Where outcomes go beside the job itself, by `publishing_options`: the server keeps them as results, with their event,
their metrics and their file in S3."""

import math

from awsgluedq.dqdl.history import History, is_dynamic
from awsgluedq.dqdl.outcomes import Outcome
from igarape_jobs.host import Host

# By name, with what AWS does where it is left out.
OPTIONS = {
    "dataQualityEvaluationContext": "default_context",
    "enableDataQualityCloudWatchMetrics": False,
    "enableDataQualityResultsPublishing": True,
    "resultsS3Prefix": "",
}


class Publishing:
    """One evaluation's options. `host` is the server."""

    def __init__(self, host: Host, options: dict):
        unknown = [name for name in options if name not in OPTIONS]
        if unknown:
            raise NotImplementedError(f"EvaluateDataQuality: the publishing option {unknown[0]} is not supported.")
        self._host = host
        self._options = {**OPTIONS, **options}
        self._context = self._options["dataQualityEvaluationContext"] or OPTIONS["dataQualityEvaluationContext"]

    def history(self, ruleset) -> History:
        """What was measured before in the same context, if the ruleset asks for it."""
        return History(self._host.call("quality.history", context=self._context)) if is_dynamic(ruleset) else History()

    def publish(self, evaluation) -> None:
        wanted = {
            "keepsResult": is_true(self._options["enableDataQualityResultsPublishing"]),
            "measures": is_true(self._options["enableDataQualityCloudWatchMetrics"]),
            "s3Prefix": self._options["resultsS3Prefix"] or "",
        }
        if any(wanted.values()):
            self._host.call("quality.publish", publication={"context": self._context, **wanted, **as_json(evaluation)})


def is_true(value) -> bool:
    return value is True or str(value).lower() == "true"


def as_json(evaluation) -> dict:
    return {
        "rules": [outcome_json(rule, outcome) for rule, outcome in evaluation.rules],
        "analyzers": [outcome_json(analyzer, outcome) for analyzer, outcome in evaluation.analyzers],
        "statistics": finite(evaluation.statistics),
    }


def outcome_json(rule, outcome: Outcome) -> dict:
    return {
        "rule": rule.text,
        "evaluatedRule": rule.evaluated or rule.text,
        "result": "PASS" if outcome.passed else "ERROR" if outcome.is_error else "FAIL",
        "metrics": finite(outcome.metrics),
        **({} if outcome.passed else {"reason": outcome.reason}),
    }


def finite(numbers: dict) -> dict:
    """JSON has no words for the others."""
    return {name: float(value) for name, value in numbers.items() if math.isfinite(value)}
