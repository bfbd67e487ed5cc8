"""Rules about the files of a folder in S3, or of one file: how old they are, and how large.

Source: https://docs.aws.amazon.com/glue/latest/dg/dqdl-rule-types-FileFreshness.html and -FileSize.html
"""

import re
from datetime import datetime, timezone

from awsgluedq.dqdl.conditions import Condition, Moment
from awsgluedq.dqdl.outcomes import Outcome, judged
from awsgluedq.dqdl.rule_types import ALL, RuleType
from awsgluedq.dqdl.tokens import RulesetError


class FileRule(RuleType):
    """The share of files that keep the rule must meet the threshold, or be all of them."""

    name, needs_condition = "", True

    def columns(self, rule):
        return ()

    def outcome(self, rule, measured, data):
        files = data.files(rule.parameters[0])
        if not files:
            return Outcome(f"There are no files at {rule.parameters[0]}.")
        wanted = Condition(rule.condition.operator, tuple(self.number(operand) for operand in rule.condition.operands))
        share = sum(wanted.holds(self.measure(file)) for file in files) / len(files)
        metrics = {f"Dataset.*.{self.name}.Compliance": share, "Dataset.*.FileCount": float(len(files)), **self.metrics(files)}
        return judged(rule.threshold or ALL, share, metrics)

    def metrics(self, files):
        return {}


class FileFreshness(FileRule):
    name = "FileFreshness"

    def check(self, rule):
        super().check(rule)
        for operand in rule.condition.operands:
            if not isinstance(operand, Moment) and not re.fullmatch(r"\d{4}-\d{2}-\d{2}", str(operand)):
                raise RulesetError(f"{rule.text}: {operand} is neither a date nor (now() - …)")

    def measure(self, file):
        return file.modified_at

    def number(self, operand):
        if isinstance(operand, Moment):
            return operand.at().timestamp()
        return datetime.fromisoformat(str(operand)).replace(tzinfo=timezone.utc).timestamp()


class FileSize(FileRule):
    name = "FileSize"

    def check(self, rule):
        super().check(rule)
        if not all(isinstance(operand, (int, float)) for operand in rule.condition.operands):
            raise RulesetError(f"{rule.text}: a size is a number with B, KB, MB, GB or TB")

    def measure(self, file):
        return file.bytes

    def number(self, operand):
        return operand

    def metrics(self, files):
        sizes = [float(file.bytes) for file in files]
        return {"Dataset.*.MinimumFileSize": min(sizes), "Dataset.*.MaximumFileSize": max(sizes)}
