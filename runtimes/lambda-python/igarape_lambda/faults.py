"""What can go wrong between the runtime and a handler, in the shapes and words of Lambda's Python runtime."""

import importlib
import sys
import traceback


class Fault(Exception):
    """An error of the runtime itself: it has a type of its own and no stack of the user's."""

    def __init__(self, error_type, message, trace=None):
        super().__init__(message)
        self.error_type = error_type
        self.trace = trace or []


def load_handler(name):
    """The handler, or a function that raises why there is none: Lambda reports that when it is invoked."""
    try:
        return find_handler(name)
    except Fault as fault:
        return failing_handler(fault)


def failing_handler(fault):
    def handler(_event, _context):
        raise fault.with_traceback(None)

    return handler


def find_handler(name):
    try:
        module_name, function_name = name.rsplit(".", 1)
    except ValueError as error:
        raise Fault("Runtime.MalformedHandlerName", f"Bad handler '{name}': {error}") from None
    if module_name.split(".")[0] in sys.builtin_module_names:
        raise Fault(
            "Runtime.BuiltInModuleConflict", f"Cannot use built-in module {module_name} as a handler module"
        )
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Fault("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from None
    except SyntaxError as error:
        line = f'  File "{error.filename}" Line {error.lineno}\n    {error.text}'
        raise Fault("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", [line]) from None
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Fault("Runtime.HandlerNotFound", message) from None


def describe(error, request_id, skip):
    """The payload of an error. `skip` frames are the runtime's own, and import machinery is nobody's."""
    if isinstance(error, Fault):
        described = {"errorMessage": str(error), "errorType": error.error_type}
        stack = error.trace
    else:
        described = {"errorMessage": str(error), "errorType": type(error).__name__}
        frames = traceback.extract_tb(error.__traceback__)[skip:]
        frames = [frame for frame in frames if not is_machinery(frame.filename)]
        stack = traceback.format_list(frames)
    described["requestId"] = request_id or ""
    described["stackTrace"] = stack
    return described


def is_machinery(filename):
    return filename.startswith("<frozen importlib") or filename.endswith("/importlib/__init__.py")


def log_text(described):
    lines = [f"[ERROR] {described['errorType']}: {described['errorMessage']}"]
    lines.append("Traceback (most recent call last):")
    lines += [line.rstrip("\n") for line in described["stackTrace"]]
    return "\n".join(lines)
