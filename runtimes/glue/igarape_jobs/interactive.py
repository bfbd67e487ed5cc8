"""An interactive session: statements run one after the other in one namespace, as a console would run them, until the server ends the process.
What a statement prints, and the value of its last expression, is its output; what it raises is told, and the session goes on.
"""

import ast
import io
import signal
import sys
import threading
import traceback
import types

output_characters_max = 1_000_000
source_name = "<stdin>"


def serve(host, glue_context) -> None:
    """Never returns: the server ends the process."""
    session = Session(glue_context)
    host.watch("cancel", session.cancel)
    host.send({"event": "opened"})
    while True:
        statement = host.next_statement()
        host.send({"event": "statement", "id": statement["id"], "outcome": session.run(statement["id"], statement["code"])})


class Session:
    def __init__(self, glue_context):
        module = types.ModuleType("__main__")
        module.__builtins__ = __builtins__
        module.glueContext, module.spark, module.sc = glue_context, glue_context.spark_session, glue_context.sc
        # Functions of a statement are pickled by value for UDFs only when their module is the real __main__.
        sys.modules["__main__"] = module
        self._names = module.__dict__
        self._running: int | None = None
        self._cancelled: set[int] = set()
        signal.signal(signal.SIGINT, self._interrupt)

    def run(self, number: int, code: str) -> dict:
        printed = Printed()
        plain = sys.stdout, sys.stderr
        sys.stdout = sys.stderr = printed
        try:
            self._running = number
            try:
                if number in self._cancelled:
                    raise KeyboardInterrupt
                execute(code, self._names)
                outcome = {"status": "ok"}
            finally:
                self._running = None
        except KeyboardInterrupt as error:
            outcome = {"status": "cancelled"} if number in self._cancelled else failure(error)
        except BaseException as error:
            outcome = failure(error)
        finally:
            sys.stdout, sys.stderr = plain
        return {**outcome, "text": printed.text()}

    def cancel(self, number: int) -> None:
        """Called beside the statement's thread, which the signal reaches between two steps of Python."""
        self._cancelled.add(number)
        if self._running == number:
            signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    def _interrupt(self, _signal, _frame) -> None:
        if self._running in self._cancelled:
            raise KeyboardInterrupt


def execute(code: str, names: dict) -> None:
    """A last expression is shown, if it has a value, like in a console."""
    tree = ast.parse(code, source_name)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, source_name, "exec"), names)
    if last:
        exec(compile(ast.Interactive([last]), source_name, "single"), names)


def failure(error: BaseException) -> dict:
    lines = traceback.format_exception(type(error), error, own_frames(error.__traceback__), chain=False)
    message = getattr(error, "getMessage", None)
    value = str((message() if callable(message) else None) or error)
    return {"status": "error", "name": type(error).__name__, "value": value, "traceback": lines}


def own_frames(trace):
    """From the statement's first line on: the frames around it are not the user's."""
    first = trace
    while first and first.tb_frame.f_code.co_filename != source_name:
        first = first.tb_next
    return first


class Printed(io.TextIOBase):
    """What a statement printed, as far as an answer may hold it."""

    def __init__(self):
        self._parts: list[str] = []
        self._kept = self._printed = 0

    def writable(self) -> bool:
        return True

    def write(self, text: str) -> int:
        part = text[: output_characters_max - self._kept]
        if part:
            self._parts.append(part)
        self._kept += len(part)
        self._printed += len(text)
        return len(text)

    def text(self) -> str:
        text = "".join(self._parts)
        left_out = self._printed - self._kept
        return f"{text}\n... {left_out} more characters were printed, which are not kept." if left_out else text.rstrip()
