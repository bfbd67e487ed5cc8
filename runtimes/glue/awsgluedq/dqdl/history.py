"""What earlier evaluations of the same context measured, and rules with those numbers in them."""

from dataclasses import replace

from awsgluedq.dqdl.dynamic import DynamicFault, Later, number_of
from awsgluedq.dqdl.outcomes import Outcome
from awsgluedq.dqdl.ruleset import Composite, simple_rules


class History:
    """The statistics of earlier results, newest first: each a dict of what was measured."""

    def __init__(self, results=()):
        self._results = list(results)

    def of(self, rule):
        name = statistic_name(rule)
        return [float(result[name]) for result in self._results if name in result]


def statistic_name(rule):
    """Names what a rule measures: the same for each rule that measures the same, whatever it asks of it."""
    parameters = "".join(f' "{parameter}"' for parameter in rule.parameters)
    return f"{rule.kind}{parameters}" + (f' where "{rule.where}"' if rule.where else "")


def is_dynamic(ruleset):
    return any(asks_history(rule) for rule in simple_rules(ruleset.rules))


def asks_history(rule):
    conditions = [condition for condition in (rule.condition, rule.threshold) if condition]
    return any(isinstance(operand, Later) for condition in conditions for operand in condition.operands)


def with_history(rule, history, faults):
    """The rule with numbers in place of what it asks of earlier results; where that fails, `faults` has its outcome."""
    if isinstance(rule, Composite):
        parts = tuple(with_history(part, history, faults) for part in rule.parts)
        evaluated = rule.text
        for before, after in zip(rule.parts, parts):
            evaluated = evaluated.replace(before.text, after.evaluated or after.text)
        return replace(rule, parts=parts, evaluated=evaluated)
    if not asks_history(rule):
        return rule
    try:
        known = history.of(rule)
        condition, threshold = (resolved(each, known) for each in (rule.condition, rule.threshold))
    except DynamicFault as fault:
        failed = replace(rule, evaluated=rule.text)
        faults[id(failed)] = Outcome(str(fault))
        return failed
    return replace(rule, condition=condition, threshold=threshold, evaluated=evaluated_text(rule, condition, threshold))


def resolved(condition, known):
    return condition and replace(condition, operands=tuple(number_of(operand, known) for operand in condition.operands))


def evaluated_text(rule, condition, threshold):
    parts = [rule.kind, *[f'"{parameter}"' for parameter in rule.parameters]]
    if condition:
        parts.append(condition_text(condition))
    if threshold:
        parts.append(f"with threshold {condition_text(threshold)}")
    if rule.where:
        parts.append(f'where "{rule.where}"')
    return " ".join(parts)


def condition_text(condition):
    if condition.operator.endswith("between"):
        return f"{condition.operator} {condition.operands[0]} and {condition.operands[1]}"
    if condition.operator.endswith("in"):
        return f"{condition.operator} [{', '.join(str(operand) for operand in condition.operands)}]"
    return f"{condition.operator} {condition.operands[0]}"
