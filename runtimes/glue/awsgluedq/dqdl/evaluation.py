"""A ruleset held against a dataset: everything that aggregates can say is measured in one pass; what counts how often
values come, one pass for each set of columns; comparisons and SQL, one for each."""

import itertools
from dataclasses import dataclass, replace

from awsgluedq.dqdl import rule_types as types
from awsgluedq.dqdl.conditions import ANYTHING
from awsgluedq.dqdl.frequencies import frequencies_of
from awsgluedq.dqdl.history import History, statistic_name, with_history
from awsgluedq.dqdl.known_rules import RULE_TYPES, check_rules
from awsgluedq.dqdl.outcomes import Outcome, joined, unmet
from awsgluedq.dqdl.row_outcomes import row_condition
from awsgluedq.dqdl.ruleset import Composite, simple_rules
from igarape_jobs.host import HostError
from igarape_jobs.lake import locate
from pyspark.errors import PySparkException
from pyspark.sql import functions as F
from pyspark.sql.types import NumericType


class Dataset:
    """The primary dataset, the others by alias, and what was found out about it."""

    def __init__(self, frame, sources, lake):
        self.frame = frame
        self._sources, self._lake = sources, lake
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

    def files(self, uri):
        """The object of that address, or all below it as a folder."""
        location = locate(uri)
        below = [file for file in self._lake.list_files(location) if not file.key.endswith("/")]
        same = [file for file in below if file.key == location.key]
        return same or [file for file in below if file.key.startswith(location.folder_key)]

    def sql(self, text):
        self.frame.createOrReplaceTempView("primary")
        for alias, source in self._sources.items():
            source.createOrReplaceTempView(alias)
        return self.frame.sparkSession.sql(text)


class MissingSource(Exception):
    """A rule names a dataset that is not there: it fails, with this reason."""


@dataclass(frozen=True)
class Evaluation:
    """[(rule, Outcome)] in the ruleset's order, the same of its analyzers, and every single number that was measured."""

    rules: list
    analyzers: list
    statistics: dict


def evaluate(ruleset, frame, sources, lake, history=None, by_row=False):
    """`lake` is where rules about files look; `history` is what dynamic rules refer to; `by_row` holds composites against each row in place of each column."""
    check_rules(ruleset)
    data, found = Dataset(frame, sources, lake), {}
    asked = [with_history(rule, history or History(), found) for rule in ruleset.rules]
    analyzers = [measured_only(analyzer, frame) for analyzer in ruleset.analyzers]
    rules = [rule for rule in [*simple_rules(asked), *analyzers] if id(rule) not in found]
    for rule in rules:
        if fault := missing_columns(rule, frame):
            found[id(rule)] = fault
    measured = measure([rule for rule in rules if id(rule) not in found], frame, found)
    for rule in rules:
        if id(rule) not in found:
            found[id(rule)] = outcome_of(rule, measured[id(rule)], data)
    wholes = [(rule, row_by_row(rule, found, frame) if by_row else whole(rule, found)) for rule in asked]
    statistics = {statistic_name(rule): value for rule in rules if (value := found[id(rule)].single_metric) is not None}
    return Evaluation(wholes, [(analyzer, found[id(analyzer)]) for analyzer in analyzers], statistics)


def measured_only(analyzer, frame):
    """An analyzer as a rule that whatever is measured keeps."""
    kind = analyzer.kind
    if kind == "ColumnValues" and analyzer.parameters[0] in frame.columns:
        is_number = isinstance(frame.schema[analyzer.parameters[0]].dataType, NumericType)
        kind = "ColumnValues" if is_number else "ColumnLength"
    return replace(analyzer, kind=kind, condition=ANYTHING)


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
    except (PySparkException, HostError) as error:
        return Outcome(str(error), is_error=True)


def whole(rule, found):
    if isinstance(rule, Composite):
        return joined(rule.operator, [whole(part, found) for part in rule.parts])
    return found[id(rule)]


def row_by_row(rule, found, frame):
    """A composite whose parts all ask each row is kept where every row keeps the whole of it."""
    joined_parts = whole(rule, found)
    condition = row_condition(rule, frame) if isinstance(rule, Composite) else None
    if condition is None:
        return joined_parts
    counts = frame.select(condition.alias("met")).agg(F.count("*").alias("rows"), F.count(F.when(F.col("met"), 1)).alias("met"))
    rows, met = counts.first()
    return Outcome(None if met == rows else unmet(met / rows), joined_parts.metrics)
