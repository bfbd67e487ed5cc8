"""The socket to the server that started this process: JSON lines, both ways.

The server sends the run; this side asks it for objects, commits and Catalog records, and reports the end. When the
socket closes, the server is gone or has given the run up: the whole process group ends, whatever it is doing.
"""

import itertools
import json
import os
import queue
import signal
import socket
import threading


class HostError(Exception):
    """The server refused a request; `code` is the error's AWS name when it has one."""

    def __init__(self, code: str, message: str):
        super().__init__(message)
        self.code = code


class Host:
    def __init__(self, descriptor: int):
        self._socket = socket.socket(fileno=descriptor)
        os.set_inheritable(descriptor, False)
        self._ids = itertools.count(1)
        self._waiting: dict[int, queue.SimpleQueue] = {}
        self._runs: queue.SimpleQueue = queue.SimpleQueue()
        self._statements: queue.SimpleQueue = queue.SimpleQueue()
        self._watchers: dict = {}
        self._sending = threading.Lock()
        threading.Thread(target=self._listen, name="host", daemon=True).start()

    def next_run(self) -> dict:
        """Waits until the server hands this process its run."""
        return self._runs.get()

    def next_statement(self) -> dict:
        """Waits until the server hands an interactive session its next statement."""
        return self._statements.get()

    def watch(self, name: str, told) -> None:
        """`told` is called, in this object's own thread, with what the server sends under a name."""
        self._watchers[name] = told

    def call(self, method: str, **parameters):
        """Asks the server, and waits for its answer."""
        number = next(self._ids)
        answers = self._waiting[number] = queue.SimpleQueue()
        self.send({"id": number, "method": method, "parameters": parameters})
        answer = answers.get()
        if "error" in answer:
            raise HostError(answer["error"].get("code", "InternalError"), answer["error"]["message"])
        return answer.get("result")

    def send(self, message: dict) -> None:
        line = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
        with self._sending:
            self._socket.sendall(line)

    def _listen(self) -> None:
        try:
            with self._socket.makefile("rb") as lines:
                for line in lines:
                    self._take(json.loads(line))
        finally:
            end_process_group()

    def _take(self, message: dict) -> None:
        if "run" in message:
            self._runs.put(message["run"])
        elif "statement" in message:
            self._statements.put(message["statement"])
        elif "cancel" in message:
            self._watchers["cancel"](message["cancel"])
        else:
            self._waiting.pop(message["id"]).put(message)


def end_process_group() -> None:
    if os.getpgrp() == os.getpid():
        os.killpg(os.getpgrp(), signal.SIGKILL)
    os._exit(137)
