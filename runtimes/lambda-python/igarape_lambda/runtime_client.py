"""The Runtime API as its caller sees it: HTTP/1.1 with keep-alive over a socket that the server handed down.
When the socket drops the server is gone, and with it every reason to live."""

import json
import os
import socket
from collections import namedtuple

BASE = "/2018-06-01/runtime"
CHUNK_BYTES = 262_144

Invocation = namedtuple("Invocation", "request_id deadline_ms function_arn trace_id client_context identity payload")


class RuntimeClient:
    def __init__(self, descriptor):
        self._socket = socket.socket(fileno=descriptor)
        self._buffer = bytearray()
        # What was posted goes out with the question for the next invocation, and its answer is read then.
        self._posted = b""
        self._unread_answers = 0

    def next(self):
        self._send(self._posted + request("GET", "/invocation/next"))
        self._posted = b""
        while self._unread_answers > 0:
            self._answer()
            self._unread_answers -= 1
        headers, body = self._answer()
        return Invocation(
            headers.get("lambda-runtime-aws-request-id"),
            int(headers.get("lambda-runtime-deadline-ms", "0")),
            headers.get("lambda-runtime-invoked-function-arn"),
            headers.get("lambda-runtime-trace-id"),
            headers.get("lambda-runtime-client-context"),
            headers.get("lambda-runtime-cognito-identity"),
            body,
        )

    def post_response(self, request_id, body):
        self._posted += request("POST", f"/invocation/{request_id}/response", body)
        self._unread_answers += 1

    def post_error(self, request_id, error):
        self._posted += request(
            "POST", f"/invocation/{request_id}/error", json.dumps(error).encode(), error["errorType"]
        )
        self._unread_answers += 1

    def post_init_error(self, error):
        self._send(request("POST", "/init/error", json.dumps(error).encode(), error["errorType"]))
        self._answer()

    def _send(self, message):
        try:
            self._socket.sendall(message)
        except OSError:
            os._exit(1)

    def _answer(self):
        end = self._buffer.find(b"\r\n\r\n")
        while end < 0:
            self._fill()
            end = self._buffer.find(b"\r\n\r\n")
        headers = parsed_headers(bytes(self._buffer[:end]).decode("latin-1"))
        total = end + 4 + int(headers.get("content-length", "0"))
        while len(self._buffer) < total:
            self._fill()
        body = bytes(self._buffer[end + 4 : total])
        del self._buffer[:total]
        return headers, body

    def _fill(self):
        try:
            chunk = self._socket.recv(CHUNK_BYTES)
        except OSError:
            chunk = b""
        if not chunk:
            os._exit(1)
        self._buffer += chunk


def request(method, path, body=b"", error_type=None):
    head = f"{method} {BASE}{path} HTTP/1.1\r\nHost: runtime\r\nContent-Length: {len(body)}\r\n"
    if error_type:
        head += f"Lambda-Runtime-Function-Error-Type: {error_type.encode('ascii', 'replace').decode()}\r\n"
    return head.encode() + b"\r\n" + body


def parsed_headers(head):
    headers = {}
    for line in head.split("\r\n")[1:]:
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers
