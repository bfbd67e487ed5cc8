"""What a script asks of AWS's services belongs to its run's trace. botocore hands a trace on by itself only within Lambda,
so here a handler of ours adds the same header."""

import os


def carry_trace() -> None:
    """For every client that is made from now on."""
    try:
        from botocore import handlers
    except ImportError:
        return
    handlers.BUILTIN_HANDLERS.append(("before-call", add_header))


def add_header(params, **_):
    trace = os.environ.get("_X_AMZN_TRACE_ID")
    if trace:
        params["headers"].setdefault("X-Amzn-Trace-Id", trace)
