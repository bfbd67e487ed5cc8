"""What a function logs: the root logger's handler and format, and print. A log record is one event even over several
lines; printed text is sent line by line. Frame: length (4 bytes), kind (1 byte), text."""

import atexit
import io
import json
import logging
import os
import struct
import sys
import threading
import time
import traceback

LOG_FRAME = 1
END_FRAME = 2
TEXT_FORMAT = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s\n"
JSON_LEVELS = {"TRACE": "DEBUG", "FATAL": "CRITICAL"}


class FrameWriter:
    def __init__(self, descriptor):
        self._descriptor = descriptor
        self._lock = threading.Lock()

    def log(self, text):
        self._write(LOG_FRAME, text)

    def end(self, request_id):
        self._write(END_FRAME, request_id)

    def _write(self, kind, text):
        data = text.encode("utf-8", "surrogateescape")
        frame = struct.pack(">IB", len(data), kind) + data
        with self._lock:
            while frame:
                frame = frame[os.write(self._descriptor, frame) :]


class LineStream(io.RawIOBase):
    """Collects what is written until a line is whole."""

    def __init__(self, frames, descriptor):
        self._frames = frames
        self._descriptor = descriptor
        self._pending = b""
        self._lock = threading.Lock()

    def writable(self):
        return True

    def fileno(self):
        return self._descriptor

    def write(self, data):
        with self._lock:
            *lines, self._pending = (self._pending + bytes(data)).split(b"\n")
        for line in lines:
            self._frames.log(line.decode("utf-8", "replace"))
        return len(data)

    def flush_pending(self):
        with self._lock:
            rest, self._pending = self._pending, b""
        if rest:
            self._frames.log(rest.decode("utf-8", "replace"))


def take_over_streams(frames):
    streams = [LineStream(frames, 1), LineStream(frames, 2)]
    for stream in streams:
        atexit.register(stream.flush_pending)
    sys.stdout, sys.stderr = [
        io.TextIOWrapper(stream, encoding="utf-8", errors="surrogateescape", line_buffering=True, write_through=True)
        for stream in streams
    ]
    return streams


class FrameHandler(logging.Handler):
    def __init__(self, frames):
        super().__init__()
        self._frames = frames

    def emit(self, record):
        self._frames.log(self.format(record).removesuffix("\n"))


class RequestFilter(logging.Filter):
    def __init__(self, current):
        super().__init__()
        self._current = current

    def filter(self, record):
        record.aws_request_id = getattr(self._current, "request_id", None) or ""
        return True


class JsonFormatter(logging.Formatter):
    def format(self, record):
        entry = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
        }
        if record.aws_request_id:
            entry["requestId"] = record.aws_request_id
        if record.exc_info:
            kind, error, trace = record.exc_info
            entry["errorType"] = kind.__name__
            entry["errorMessage"] = str(error)
            entry["stackTrace"] = traceback.format_list(traceback.extract_tb(trace))
            entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        return json.dumps(entry, ensure_ascii=False, default=str)


def set_up_logging(frames, current):
    handler = FrameHandler(frames)
    handler.addFilter(RequestFilter(current))
    if os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON":
        handler.setFormatter(JsonFormatter())
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper()
        if level:
            logging.getLogger().setLevel(JSON_LEVELS.get(level, level))
    else:
        formatter = logging.Formatter(TEXT_FORMAT, "%Y-%m-%dT%H:%M:%S")
        formatter.converter = time.gmtime
        handler.setFormatter(formatter)
    logging.getLogger().addHandler(handler)
