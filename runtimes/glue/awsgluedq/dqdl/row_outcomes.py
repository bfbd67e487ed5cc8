"""For each row, which rules it keeps and which it breaks. A rule that asks the dataset as a whole skips every row."""

from awsgluedq.dqdl.known_rules import RULE_TYPES
from awsgluedq.dqdl.ruleset import Composite
from pyspark.sql import functions as F


def with_row_outcomes(ruleset, frame):
    asked = {rule.text: row_condition(rule, frame) for rule in ruleset.rules}
    by_row = {text: condition for text, condition in asked.items() if condition is not None}
    skipped = [text for text, condition in asked.items() if condition is None]
    return frame.select(
        "*",
        texts(by_row.items()).alias("DataQualityRulesPass"),
        texts((text, ~condition) for text, condition in by_row.items()).alias("DataQualityRulesFail"),
        F.array(*[F.lit(text) for text in skipped]).cast("array<string>").alias("DataQualityRulesSkip"),
        F.when(all_of(by_row.values()), "Passed").otherwise("Failed").alias("DataQualityEvaluationResult"),
    )


def row_condition(rule, frame):
    """None where the rule, or a part of it, is not about single rows, or is about columns that are not there."""
    if isinstance(rule, Composite):
        parts = [row_condition(part, frame) for part in rule.parts]
        if any(part is None for part in parts):
            return None
        return all_of(parts) if rule.operator == "and" else ~all_of([~part for part in parts])
    kind = RULE_TYPES[rule.kind]
    if any(name not in frame.columns for name in kind.columns(rule)):
        return None
    condition = kind.row_condition(rule, frame)
    return ~F.expr(rule.where) | condition if rule.where and condition is not None else condition


def texts(rules):
    """An array of those texts whose condition holds."""
    found = [F.when(condition, F.array(F.lit(text))).otherwise(F.array().cast("array<string>")) for text, condition in rules]
    return F.concat(*found) if found else F.array().cast("array<string>")


def all_of(conditions):
    met = F.lit(True)
    for condition in conditions:
        met = met & condition
    return met
