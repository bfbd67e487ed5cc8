"""Calls that mean something else for each type of their argument, which an expression does not know. A rule leaves a mark where such a call
stands; before a plan goes to the engine, the engine is asked for each mark's type, and the mark becomes what Spark means by that type.
"""

import hashlib
import re

from pyspark.errors import PySparkException
from pyspark.sql.connect import proto
from pyspark.sql.connect.client.core import SparkConnectClient
from pyspark.sql.connect.expressions import Expression as ColumnExpression

from igarape_jobs import typed_rounding
from igarape_jobs.messages import look_first, messages
from igarape_jobs.nodes import Built, Literal, Text, call, prefix_of_marks, refuse
from igarape_jobs.sql_tokens import after_blanks, closing, separated, token

rules = typed_rounding.rules
mark = re.compile(rf"{prefix_of_marks}(\w+)")
# The engine has it for no double, and says so with the types that it was given.
asking, asked_with = "try_add", 0.5
told = re.compile(r"expects [^\n]*? got ([^\n]+?), Float64(?: \(|\. |$)", re.MULTILINE)
# What stands around the query in a statement that is no query.
query_begins = r"(?=\(|SELECT\b|WITH\b|VALUES\b|FROM\b)"
around_query = re.compile(rf"\s*(CREATE\b.*?\bAS\s+|EXPLAIN\s+((EXTENDED|CODEGEN|COST|FORMATTED)\s+)?|DESC(RIBE)?\s+(QUERY\s+)?){query_begins}", re.IGNORECASE | re.DOTALL)
# Nodes are said in parentheses, which hide what is written out.
in_parentheses = re.compile(r"^\((-?\w+)\)$")
whole_literals = ("byte", "short", "integer", "long")


class Given(ColumnExpression):
    """An expression that is already written."""

    def __init__(self, message: proto.Expression):
        super().__init__()
        self.message = message

    def to_plan(self, session) -> proto.Expression:
        return self.message


def install() -> None:
    types = Types(SparkConnectClient._analyze)

    def settle(client, message):
        if isinstance(message, proto.Plan) and message.HasField("command"):
            # It may change what a name stands for.
            types.forget()
        types.settle(client, message)

    look_first(settle)


class Types:
    """The types of marks, by the step that a mark stands in and its words there."""

    def __init__(self, analyze):
        self.analyze = analyze
        self._known: dict[tuple[bytes, bytes], str] = {}

    def forget(self) -> None:
        self._known = {}

    def settle(self, client, message) -> None:
        """Puts what Spark means in place of every mark of a plan."""
        if not has_marks(message):
            return
        known, plan = self._known, PlanOfMarks(client, message, self.analyze)
        for place in plan.places():
            plan.types[place] = known.get(place) or plan.asked(place)
            known[place] = plan.types[place]
        Restated(client, plan.meant).of(message)


class PlanOfMarks:
    """One plan, and the types of its marks as far as they were asked."""

    def __init__(self, client, message, analyze):
        self._client = client
        self._message = message
        self._analyze = analyze
        self.types: dict[tuple[bytes, bytes], str] = {}

    def places(self) -> list[tuple[bytes, bytes]]:
        """The innermost first."""
        found: dict = {}
        Restated(self._client, lambda place, name, arguments: found.setdefault(place, plain(name, arguments))).of(copy_of(self._message))
        return list(found)

    def meant(self, place, name: str, arguments: list):
        return rules[name](self.types[place], *arguments)

    def typed(self, place, name: str, arguments: list):
        """Short, where the engine's own call has the right type already."""
        return self.meant(place, name, arguments) if self.types.get(place, "").startswith("Decimal") else plain(name, arguments)

    def asked(self, wanted) -> str:
        """A plan that is not right has an error of its own, which is the script's."""

        def asking_for(place, name, arguments):
            return call(asking, arguments[0], Literal(asked_with)) if place == wanted else self.typed(place, name, arguments)

        try:
            self._explain(wanted, asking_for)
        except PySparkException as error:
            found = told.search(str(error))
            if found:
                return found[1]
        self._explain(wanted, self.typed)
        return refuse("round() where the type of its number cannot be told")

    def _explain(self, wanted, say) -> None:
        copy = copy_of(self._message)
        walk = Restated(self._client, say)
        walk.of(copy)
        self._analyze(self._client, "explain", plan=proto.Plan(root=query_of(copy, walk.steps.get(wanted[0]))), explain_mode="simple")


class Restated:
    """A walk over a plan that puts a node in place of each mark, the innermost first. `say` is given its place, its function and its arguments."""

    def __init__(self, client, say):
        self._client = client
        self._say = say
        self.steps: dict[bytes, proto.Relation] = {}

    def of(self, message, step: bytes = b"") -> None:
        if not has_marks(message):
            return
        if isinstance(message, proto.Relation):
            step = digest_of(message)
            self.steps[step] = message
        function = message.unresolved_function if isinstance(message, proto.Expression) and message.WhichOneof("expr_type") == "unresolved_function" else None
        name = mark.fullmatch(function.function_name) if function else None
        place = (step, digest_of(function)) if name else None
        for field, value in message.ListFields():
            if field.type == field.TYPE_STRING and is_text(message, field.name):
                setattr(message, field.name, self._text(value, step))
            elif field.message_type is not None and not field.message_type.GetOptions().map_entry:
                for item in value if hasattr(value, "__len__") and not hasattr(value, "ListFields") else [value]:
                    self.of(item, step)
        if name:
            said = self._say(place, name[1], [node_of(argument) for argument in function.arguments])
            message.CopyFrom(said.column()._expr.to_plan(self._client))

    def _text(self, text: str, step: bytes) -> str:
        if prefix_of_marks not in text:
            return text
        self._selects = 0
        return "".join(self._tokens(token.findall(text), step, 0))

    def _tokens(self, tokens: list[str], step: bytes, select: int) -> list[str]:
        """The same words mean the same in one SELECT, which is why its GROUP BY may repeat them."""
        out: list[str] = []
        around: list[int] = []
        at = 0
        while at < len(tokens):
            name = mark.fullmatch(tokens[at])
            opening = after_blanks(tokens, at + 1)
            if name and opening < len(tokens) and tokens[opening] == "(":
                end = closing(tokens, opening)
                place = (step, hashlib.sha256(f"{select} {''.join(tokens[at:end])}".encode()).digest())
                arguments = [Text(in_parentheses.sub(r"\1", part.strip())) for part in separated(self._tokens(tokens[opening + 1:end], step, select))]
                out.append(self._say(place, name[1], arguments).text())
                at = end + 1
                continue
            if tokens[at] == "(":
                around.append(select)
            elif tokens[at] == ")" and around:
                select = around.pop()
            elif tokens[at].lower() == "select":
                self._selects += 1
                select = self._selects
            out.append(tokens[at])
            at += 1
        return out


def plain(name: str, arguments: list):
    """The engine's `bround` takes no decimals, so `round` stands for both."""
    return call("round", *arguments)


def has_marks(message) -> bool:
    return prefix_of_marks.encode() in message.SerializeToString()


def digest_of(message) -> bytes:
    return hashlib.sha256(message.SerializeToString(deterministic=True)).digest()


def copy_of(message):
    copy = type(message)()
    copy.CopyFrom(message)
    return copy


def is_text(message, field: str) -> bool:
    return (message.DESCRIPTOR.name, field) in (("ExpressionString", "expression"), ("SQL", "query"), ("SqlCommand", "sql"))


def node_of(argument: proto.Expression):
    kind = argument.literal.WhichOneof("literal_type") if argument.WhichOneof("expr_type") == "literal" else None
    return Literal(getattr(argument.literal, kind)) if kind in whole_literals else Built(Given(copy_of(argument)))


def query_of(message, step: proto.Relation | None) -> proto.Relation:
    """The step that a mark stands in; all of the plan where a step names others that are not below it."""
    if step is None:
        command = message.command.sql_command
        step = proto.Relation(sql=proto.SQL(query=command.sql, args=command.args, pos_args=command.pos_args))
    elif any(relation.HasField("with_relations") for relation in messages(message, proto.Relation)):
        step = next(relation for relation in messages(message, proto.Relation) if relation.WhichOneof("rel_type") not in ("show_string", "html_string"))
    if step.WhichOneof("rel_type") == "sql":
        step.sql.query = around_query.sub("", step.sql.query, count=1)
    return step
