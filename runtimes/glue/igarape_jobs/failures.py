"""What a failed script says: its traceback in the log, and the error message of its run in Glue's form."""

import sys
import traceback

# https://docs.aws.amazon.com/glue/latest/dg/job-run-error-classification.html (the categories' names).
categories = {
    "AnalysisException": "QUERY_ERROR",
    "ParseException": "QUERY_ERROR",
    "ImportError": "IMPORT_ERROR",
    "ModuleNotFoundError": "IMPORT_ERROR",
    "SyntaxError": "SYNTAX_ERROR",
    "IndentationError": "SYNTAX_ERROR",
    "GlueArgumentError": "INVALID_ARGUMENT_ERROR",
    "PermissionError": "PERMISSION_ERROR",
    "MemoryError": "OUT_OF_MEMORY_ERROR",
    "NotImplementedError": "UNSUPPORTED_OPERATION_ERROR",
    "SystemExit": "SYSTEM_EXIT_ERROR",
}

message_length_max = 2000


def describe(error: BaseException, script: str) -> dict:
    name = type(error).__name__
    category = categories.get(name, "UNCLASSIFIED_ERROR")
    line = failed_line(error, script)
    where = f" Failed Line Number: {line};" if line else ""
    text = f"Error Category: {category};{where} {name}: {message(error)}"
    return {"succeeded": False, "errorMessage": text[:message_length_max]}


def message(error: BaseException) -> str:
    get_message = getattr(error, "getMessage", None)
    return str((get_message() if callable(get_message) else None) or error)


def failed_line(error: BaseException, script: str) -> int | None:
    if isinstance(error, SyntaxError) and error.filename == script:
        return error.lineno
    lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == script]
    return lines[-1] if lines else None


def print_to_log(error: BaseException, script: str) -> None:
    """The traceback from the script's own first line on: the frames around it are not the user's."""
    trace = error.__traceback__
    while trace and trace.tb_frame.f_code.co_filename != script:
        trace = trace.tb_next
    traceback.print_exception(type(error), error, trace, file=sys.stderr)
