"""A ruleset's text as rules. Which rule types there are, and what they ask, is in rule_types.py.

Source: https://docs.aws.amazon.com/glue/latest/dg/dqdl.html
"""

from dataclasses import dataclass
from datetime import timedelta

from awsgluedq.dqdl.conditions import COMPARISONS, Condition, Duration, Keyword, Moment
from awsgluedq.dqdl.dynamic import FUNCTIONS, Call
from awsgluedq.dqdl.tokens import RulesetError, place, tokens_of

UNITS = {"minutes": "minutes", "minute": "minutes", "hours": "hours", "hour": "hours", "days": "days", "day": "days"}
SIZES = {"B": 1, "KB": 2**10, "MB": 2**20, "GB": 2**30, "TB": 2**40}
KEYWORDS = ("NULL", "EMPTY", "WHITESPACES_ONLY")
RULES_MAX = 2000


@dataclass(frozen=True)
class Rule:
    kind: str
    parameters: tuple
    condition: Condition | None
    threshold: Condition | None
    where: str | None
    text: str
    # As it was held against the data, where that is not its text.
    evaluated: str | None = None


@dataclass(frozen=True)
class Composite:
    """Rules joined by `and` or by `or`: the outcome of the whole is the outcomes of the parts, joined."""

    operator: str
    parts: tuple
    text: str
    evaluated: str | None = None


@dataclass(frozen=True)
class Ruleset:
    rules: tuple
    analyzers: tuple


def parse_ruleset(text):
    """Errors: RulesetError with line and column."""
    return Parser(text).ruleset()


def simple_rules(rules):
    """Every rule that is measured, those within composites too."""
    for rule in rules:
        yield from simple_rules(rule.parts) if isinstance(rule, Composite) else [rule]


class Parser:
    def __init__(self, text):
        self.source = text
        self.tokens = tokens_of(text)
        self.at = 0

    def ruleset(self):
        lists = {"Rules": (), "Analyzers": ()}
        while self.next.kind != "end":
            name = self.take("word").text
            if name not in lists:
                raise self.error(f"a ruleset has Rules and Analyzers, not {name}", -1)
            self.expect("=")
            lists[name] += tuple(self.listed(self.composite if name == "Rules" else self.rule))
        if not any(lists.values()):
            raise self.error("a ruleset needs at least one rule or analyzer")
        if len(lists["Rules"]) > RULES_MAX:
            raise self.error(f"a ruleset has at most {RULES_MAX} rules")
        return Ruleset(lists["Rules"], lists["Analyzers"])

    def composite(self):
        start = self.next.start
        parts, operator = [self.operand()], None
        while self.next.kind == "word" and self.next.text.lower() in ("and", "or"):
            joined = self.take("word").text.lower()
            if operator and joined != operator:
                raise self.error("'and' and 'or' are mixed only within parentheses", -1)
            operator = joined
            parts.append(self.operand())
        return Composite(operator, tuple(parts), self.text_from(start)) if operator else parts[0]

    def operand(self):
        if self.skip("("):
            inner = self.composite()
            self.expect(")")
            return inner
        return self.rule()

    def rule(self):
        start = self.next.start
        kind = self.take("word").text
        parameters = []
        while self.next.kind == "string":
            parameters.append(self.take("string").text)
        condition = self.condition() if self.begins_condition() else None
        threshold = where = None
        while self.next.kind == "word" and self.next.text in ("with", "where"):
            if self.take("word").text == "where":
                where = self.take("string").text
            else:
                self.expect("threshold")
                threshold = self.condition()
        return Rule(kind, tuple(parameters), condition, threshold, where, self.text_from(start))

    def begins_condition(self):
        return self.next.text in (*COMPARISONS, "between", "in", "not", "matches") and self.next.kind != "string"

    def condition(self):
        operator = self.advance().text
        if operator == "not":
            operator = f"not {self.take('word').text}"
        if operator.endswith("between"):
            low = self.value()
            if self.take("word").text.lower() != "and":
                raise self.error("between needs 'and'", -1)
            return Condition(operator, (low, self.value()))
        if operator in ("in", "not in"):
            return Condition(operator, tuple(self.listed(self.value)))
        if operator in ("matches", "not matches"):
            return Condition(operator, (self.take("string").text,))
        if operator not in COMPARISONS:
            raise self.error(f"'{operator}' is no operator", -1)
        return Condition(operator, (self.value(),))

    def value(self):
        """A sum of products. Only moments and durations are added to one another beside numbers."""
        total = self.product()
        while self.next.text in ("+", "-") and self.next.kind == "symbol":
            sign = 1 if self.advance().text == "+" else -1
            total = added(total, self.product(), sign)
        return total

    def product(self):
        result = self.factor()
        while self.next.text in ("*", "/") and self.next.kind == "symbol":
            by = self.advance().text
            other = self.factor()
            result = result * other if by == "*" else result / other
        return result

    def factor(self):
        token = self.advance()
        if token.kind == "string":
            return token.text
        if token.kind == "number":
            number = float(token.text) if set(token.text) & set(".eE") else int(token.text)
            if self.next.kind == "word" and self.next.text in UNITS:
                return Duration(timedelta(**{UNITS[self.advance().text]: number}))
            if self.next.kind == "word" and self.next.text in SIZES:
                return number * SIZES[self.advance().text]
            return number
        if token.text == "(":
            inner = self.value()
            self.expect(")")
            return inner
        if token.text == "-":
            return -self.factor()
        if token.text in KEYWORDS:
            return Keyword(token.text)
        if token.text == "now":
            self.expect("(")
            self.expect(")")
            return Moment(timedelta())
        if token.text in FUNCTIONS:
            return self.call(token.text)
        raise self.error(f"'{token.text}' is no value", -1)

    def call(self, name):
        self.expect("(")
        arguments = []
        if not self.skip(")"):
            arguments.append(self.value())
            while self.skip(","):
                arguments.append(self.value())
            self.expect(")")
        least, most = {"last": (0, 1), "index": (2, 2), "abs": (1, 1)}.get(name, (1, 50))
        if not least <= len(arguments) <= most:
            raise self.error(f"{name} takes {least if least == most else f'{least} to {most}'} arguments", -1)
        return Call(name, tuple(arguments))

    def listed(self, item):
        self.expect("[")
        items = [item()]
        while self.skip(","):
            items.append(item())
        self.expect("]")
        return items

    @property
    def next(self):
        return self.tokens[self.at]

    def advance(self):
        token = self.next
        # What follows the end is the end.
        self.at = min(self.at + 1, len(self.tokens) - 1)
        return token

    def take(self, kind):
        if self.next.kind != kind:
            raise self.error(f"a {kind} is expected, not '{self.next.text}'")
        return self.advance()

    def expect(self, text):
        if self.next.text != text or self.next.kind == "string":
            raise self.error(f"'{text}' is expected, not '{self.next.text or 'the end'}'")
        self.advance()

    def skip(self, text):
        if self.next.text != text or self.next.kind != "symbol":
            return False
        self.advance()
        return True

    def text_from(self, start):
        return " ".join(self.source[start : self.tokens[self.at - 1].end].split())

    def error(self, message, back=0):
        return RulesetError(f"{place(self.source, self.tokens[self.at + back].start)}: {message}")


def added(left, right, sign):
    if isinstance(left, Moment) and isinstance(right, Duration):
        return Moment(left.offset + sign * right.value)
    return left + sign * right
