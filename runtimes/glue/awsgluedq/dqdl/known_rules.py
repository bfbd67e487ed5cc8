"""The rule types by name, and what a ruleset may ask of each."""

from dataclasses import replace

from awsgluedq.dqdl import file_rules as files
from awsgluedq.dqdl import reference_rules as reference
from awsgluedq.dqdl import rule_types as types
from awsgluedq.dqdl.conditions import ANYTHING
from awsgluedq.dqdl.history import asks_history
from awsgluedq.dqdl.ruleset import simple_rules
from awsgluedq.dqdl.tokens import RulesetError
from pyspark.sql import functions as F

RULE_TYPES = {
    "AggregateMatch": reference.AggregateMatch(),
    "ColumnCorrelation": types.ColumnCorrelation(),
    "ColumnCount": types.ColumnCount(),
    "ColumnDataType": types.ColumnDataType(),
    "ColumnExists": types.ColumnExists(),
    "ColumnLength": types.ColumnLength(),
    "ColumnNamesMatchPattern": types.ColumnNamesMatchPattern(),
    "ColumnValues": types.ColumnValues(),
    "Completeness": types.Completeness(),
    "CustomSql": reference.CustomSql(),
    "DataFreshness": types.DataFreshness(),
    "DatasetMatch": reference.DatasetMatch(),
    "DistinctValuesCount": types.OfFrequencies("DistinctValuesCount", lambda found: found.distinct),
    "Entropy": types.OfFrequencies("Entropy", lambda found: found.entropy),
    "FileFreshness": files.FileFreshness(),
    "FileSize": files.FileSize(),
    "IsComplete": types.IsComplete(),
    "IsPrimaryKey": types.IsPrimaryKey(),
    "IsUnique": types.IsUnique(),
    "Mean": types.Statistic("Mean", F.avg),
    "ReferentialIntegrity": reference.ReferentialIntegrity(),
    "RowCount": types.RowCount(),
    "RowCountMatch": reference.RowCountMatch(),
    "SchemaMatch": reference.SchemaMatch(),
    "StandardDeviation": types.Statistic("StandardDeviation", F.stddev_pop),
    "Sum": types.Statistic("Sum", F.sum),
    "UniqueValueRatio": types.OfFrequencies("UniqueValueRatio", lambda found: found.unique_value_ratio),
    "Uniqueness": types.OfFrequencies("Uniqueness", lambda found: found.uniqueness, columns_most=50),
}

# AWS has these too. They are refused by name: an outcome that nobody computed would be a lie.
UNSUPPORTED = ("AllStatistics", "DetectAnomalies", "FileMatch", "FileUniqueness")

# What can be measured without asking anything of it.
ANALYZERS = (
    "ColumnCorrelation",
    "ColumnCount",
    "ColumnLength",
    "ColumnValues",
    "Completeness",
    "CustomSql",
    "DistinctValuesCount",
    "Entropy",
    "Mean",
    "RowCount",
    "StandardDeviation",
    "Sum",
    "UniqueValueRatio",
    "Uniqueness",
)

# They measure two numbers, or one for each row: which of them `last` means is not documented.
NEVER_DYNAMIC = ("ColumnDataType", "ColumnLength", "ColumnValues", "DataFreshness", "FileFreshness", "FileSize")


def check_rules(ruleset):
    """Errors: RulesetError for what is no rule; NotImplementedError, by name, for what is not supported."""
    for rule in [*simple_rules(ruleset.rules), *ruleset.analyzers]:
        if rule.kind in UNSUPPORTED:
            raise NotImplementedError(f"The DQDL rule type {rule.kind} is not supported.")
        if rule.kind not in RULE_TYPES:
            raise RulesetError(f"{rule.text}: there is no rule type {rule.kind}")
    for rule in simple_rules(ruleset.rules):
        RULE_TYPES[rule.kind].check(rule)
        if rule.kind in NEVER_DYNAMIC and asks_history(rule):
            raise NotImplementedError(f"Dynamic rules of the DQDL rule type {rule.kind} are not supported.")
    for analyzer in ruleset.analyzers:
        if analyzer.kind not in ANALYZERS:
            raise RulesetError(f"{analyzer.text}: {analyzer.kind} is no analyzer")
        if analyzer.condition or analyzer.threshold:
            raise RulesetError(f"{analyzer.text}: an analyzer has no expression")
        RULE_TYPES[analyzer.kind].check(replace(analyzer, condition=ANYTHING))
