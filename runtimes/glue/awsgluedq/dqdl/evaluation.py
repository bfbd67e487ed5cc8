"""A ruleset held against a dataset: everything that aggregates can say is measured in one pass; what counts how often
values come, one pass for each set of columns; comparisons and SQL, one for each."""

import itertools

from awsgluedq.dqdl import reference_rules as reference
from awsgluedq.dqdl import rule_types as types
from awsgluedq.dqdl.frequencies import frequencies_of
from awsgluedq.dqdl.outcomes import Outcome, joined
from awsgluedq.dqdl.ruleset import Composite, simple_rules
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
    "Uniqueness": types.OfFrequencies("Uniqueness", lambda found: found.uniqueness),
}

# AWS has these too. They are refused by name: an outcome that nobody computed would be a lie.
UNSUPPORTED = ("AllStatistics", "DetectAnomalies", "FileFreshness", "FileMatch", "FileSize", "FileUniqueness")


class Dataset:
    """The primary dataset, the others by alias, and what was found out about it."""

    def __init__(self, frame, sources):
        self.frame = frame
        self._sources = sources
        self._frequencies = {}

    def source(self, alias):
        if alias not in self._sources:
            raise MissingSource(f"There is no dataset called {alias}: give it as an additional data source.")
        return self._sources[alias]

    def frequencies(self, columns, where):
        key = (tuple(columns), where)
        if key not in self._frequencies:
            self._frequencies[key] = frequencies_of(self.frame, columns, where)
        return self._frequencies[key]

    def sql(self, text):
        self.frame.createOrReplaceTempView("primary")
        for alias, source in self._sources.items():
            source.createOrReplaceTempView(alias)
        return self.frame.sparkSession.sql(text)


class MissingSource(Exception):
    """A rule names a dataset that is not there: it fails, with this reason."""


def check_rules(ruleset):
    """Errors: RulesetError for what is no rule; NotImplementedError, by name, for what is not supported."""
    if ruleset.analyzers:
        raise NotImplementedError("Analyzers of a DQDL ruleset are not supported: write them as rules.")
    for rule in simple_rules(ruleset.rules):
        if rule.kind in UNSUPPORTED:
            raise NotImplementedError(f"The DQDL rule type {rule.kind} is not supported.")
        if rule.kind not in RULE_TYPES:
            raise RulesetError(f"{rule.text}: there is no rule type {rule.kind}")
        RULE_TYPES[rule.kind].check(rule)


def evaluate(ruleset, frame, sources):
    """[(rule, Outcome)] in the ruleset's order."""
    check_rules(ruleset)
    data = Dataset(frame, sources)
    rules = list(simple_rules(ruleset.rules))
    found = {id(rule): fault for rule in rules if (fault := missing_columns(rule, frame))}
    measured = measure([rule for rule in rules if id(rule) not in found], frame, found)
    for rule in rules:
        if id(rule) not in found:
            found[id(rule)] = outcome_of(rule, measured[id(rule)], data)
    return [(rule, whole(rule, found)) for rule in ruleset.rules]


def missing_columns(rule, frame):
    missing = [name for name in RULE_TYPES[rule.kind].columns(rule) if name not in frame.columns]
    return Outcome(f"Input data does not include column {missing[0]}!") if missing else None


def measure(rules, frame, found):
    """The values of every rule's aggregates, all measured in one pass."""
    numbers, asked, places = itertools.count(), [], {}
    for rule in rules:
        try:
            aggregates = RULE_TYPES[rule.kind].aggregates(rule, frame)
        except types.WrongType as fault:
            found[id(rule)] = Outcome(str(fault))
            continue
        places[id(rule)] = {name: f"m{next(numbers)}" for name in aggregates}
        asked += [value.alias(places[id(rule)][name]) for name, value in aggregates.items()]
    values = frame.agg(*asked).first() if asked else {}
    return {rule: {name: values[place] for name, place in named.items()} for rule, named in places.items()}


def outcome_of(rule, measured, data):
    try:
        return RULE_TYPES[rule.kind].outcome(rule, measured, data)
    except MissingSource as fault:
        return Outcome(str(fault))


def whole(rule, found):
    if isinstance(rule, Composite):
        return joined(rule.operator, [whole(part, found) for part in rule.parts])
    return found[id(rule)]
