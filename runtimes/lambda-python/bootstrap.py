"""The Python runtime of a function instance: loads the handler, then takes invocations from the Runtime API one by
one until the connection drops. What it logs, posts and exits with is what Lambda's own Python runtime does."""

import json
import os
import sys

from igarape_lambda.compiled_packages import put_own_packages_first
from igarape_lambda.context import LambdaContext
from igarape_lambda.encoding import marshal
from igarape_lambda.faults import Fault, describe, load_handler, log_text
from igarape_lambda.logs import FrameWriter, set_up_logging, take_over_streams
from igarape_lambda.runtime_client import RuntimeClient

ZYGOTE = "IGARAPE_ZYGOTE_FD"


class Current:
    """Which invocation is running; threads that a handler starts see it too."""

    request_id = None


def main():
    if ZYGOTE in os.environ:
        become_instance()
    client = RuntimeClient(int(os.environ.pop("IGARAPE_RUNTIME_FD")))
    frames = FrameWriter(int(os.environ.pop("IGARAPE_LOG_FD")))
    current = Current()
    streams = take_over_streams(frames)
    set_up_logging(frames, current)
    note = put_own_packages_first(os.environ.get("PYTHONPATH", ""))
    if note:
        frames.log(note)
    sys.path.insert(0, os.environ["LAMBDA_TASK_ROOT"])
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        payload = describe(error, None, skip=3)
        frames.log(log_text(payload))
        client.post_init_error(payload)
        sys.exit(1)
    while True:
        serve(handler, client.next(), client, frames, streams, current)


def become_instance():
    """Waits as the process that instances are forked from, and goes on in each of them. Loaded there only."""
    needed = set(sys.modules)
    from igarape_lambda.zygote import Zygote

    Zygote(int(os.environ.pop(ZYGOTE)), os.environ.pop("IGARAPE_ZYGOTE_ADDRESS"), needed).serve()


def serve(handler, invocation, client, frames, streams, current):
    current.request_id = invocation.request_id
    if invocation.trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = invocation.trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)
    error = None
    body = b"null"
    try:
        body = marshal(handler(read_event(invocation), LambdaContext(invocation)))
    except Exception as raised:
        error = describe(raised, invocation.request_id, skip=1)
        frames.log(log_text(error))
    for stream in streams:
        stream.flush_pending()
    # The marker goes before the answer, so whoever has the answer knows when all lines before it have been read.
    frames.end(invocation.request_id)
    if error is None:
        client.post_response(invocation.request_id, body)
    else:
        client.post_error(invocation.request_id, error)


def read_event(invocation):
    try:
        return json.loads(invocation.payload)
    except ValueError as error:
        raise Fault("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from None


if __name__ == "__main__":
    main()
