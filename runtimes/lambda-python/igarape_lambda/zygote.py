"""The process that instances of functions are forked from: an interpreter that is up and has imported what each of them
needs, and nothing of any function's. An instance that needs an interpreter of its own gets one from here by exec.

It speaks lines of JSON over the socket that it was born with. What it is told: `token`, `folder`, `environment`. What it
tells: `token` with `pid`, with `error`, or with how the instance ended. Only this one thread ever runs in it, so that a
fork is safe; when the socket ends the server is gone, and everything that was forked goes with it."""

import gc
import importlib
import json
import logging
import os
import re
import select
import signal
import site
import socket
import sys
import time

# What most handlers import sooner or later, directly or by an SDK. Imported when there is nothing else to do.
SPARE_TIME_MODULES = (
    "datetime",
    "uuid",
    "http.client",
    "decimal",
    "concurrent.futures",
    "urllib.request",
    "csv",
    "gzip",
    "pathlib",
    "dataclasses",
    "email.utils",
)
SPARE_TIME_SECONDS = 0.1
READ_BYTES = 262_144
# What the interpreter, its C library or OpenSSL reads when it starts, and then never again.
READ_AT_START = re.compile(r"(PYTHON|LC_|MALLOC_|GLIBC_|OPENSSL_|LD_(?!LIBRARY_PATH$))|LANG$")
LIBRARY = re.compile(r"\.so(\.|$)")
STREAMS = ("stdout", "stderr", "runtime", "log")


class Zygote:
    def __init__(self, descriptor, address, needed):
        self._control = socket.socket(fileno=descriptor)
        self._control.set_inheritable(False)
        self._address = address
        self._buffer = b""
        self._tokens = {}
        # A C locale is made UTF-8 by the interpreter, which says so in the environment.
        self._coerced_locale = os.environ.pop("LC_CTYPE", None)
        self._read_at_start = read_at_start(os.environ)
        self._needed = needed
        self._spare_time_modules = list(SPARE_TIME_MODULES)
        self._wake, self._ended = socket.socketpair()
        self._ended.setblocking(False)

    def serve(self):
        """Returns in instances only, each in its own process, which goes on as if it had just been started."""
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(self._ended.fileno(), warn_on_full_buffer=False)
        gc.disable()
        gc.freeze()
        while True:
            patience = SPARE_TIME_SECONDS if self._spare_time_modules else None
            ready, _, _ = select.select([self._control, self._wake], [], [], patience)
            if self._wake in ready:
                self._wake.recv(READ_BYTES)
                self._tell_ended()
            if self._control in ready:
                for request in self._requests():
                    if self._fork(request):
                        return
            if not ready:
                importlib.import_module(self._spare_time_modules.pop(0))
                gc.freeze()

    def _requests(self):
        try:
            chunk = self._control.recv(READ_BYTES)
        except OSError:
            chunk = b""
        if not chunk:
            self._end()
        *lines, self._buffer = (self._buffer + chunk).split(b"\n")
        return [json.loads(line) for line in lines]

    def _fork(self, request):
        try:
            pid = os.fork()
        except OSError as error:
            self._tell(token=request["token"], error=str(error))
            return False
        if pid == 0:
            try:
                self._become(request)
            except BaseException:
                os._exit(1)
            return True
        self._tokens[pid] = request["token"]
        self._tell(token=request["token"], pid=pid)
        return False

    def _tell(self, **message):
        try:
            self._control.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            self._end()

    def _tell_ended(self):
        while self._tokens:
            pid, status = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            code = os.waitstatus_to_exitcode(status)
            token = self._tokens.pop(pid)
            if code >= 0:
                self._tell(token=token, code=code)
            else:
                self._tell(token=token, signal=signal_name(-code))

    def _end(self):
        for pid in self._tokens:
            # One that was only just forked has no group of its own yet.
            for kill in (os.kill, os.killpg):
                try:
                    kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    pass
        os._exit(0)

    def _become(self, request):
        os.setsid()
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        for inherited in (self._control, self._wake, self._ended):
            inherited.close()
        descriptors = [self._connected(request["token"], stream) for stream in STREAMS]
        for target, descriptor in zip((1, 2), descriptors):
            os.dup2(descriptor, target)
            os.close(descriptor)
        _, _, runtime, log = descriptors
        os.chdir(request["folder"])
        environment = request["environment"]
        environment |= {"IGARAPE_RUNTIME_FD": str(runtime), "IGARAPE_LOG_FD": str(log)}
        if self._needs_own_interpreter(environment):
            for descriptor in (runtime, log):
                os.set_inheritable(descriptor, True)
            os.execve(sys.executable, [sys.executable, *sys.argv], environment)
        os.environ.clear()
        os.environ.update(environment)
        if self._coerced_locale:
            os.environ["LC_CTYPE"] = self._coerced_locale
        start_anew()

    def _connected(self, token, stream):
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.connect(self._address)
        connection.sendall(f"{token}{STREAMS.index(stream)}".encode())
        return connection.detach()

    def _needs_own_interpreter(self, environment):
        """Settings that are read at a start, libraries that the loader would look for, modules under names of the standard
        library's that were imported here in spare time: all of these a started interpreter would miss."""
        if read_at_start(environment) != self._read_at_start:
            return True
        if any(has_library(folder) for folder in environment.get("LD_LIBRARY_PATH", "").split(os.pathsep)):
            return True
        imported = {name.partition(".")[0] for name in sys.modules.keys() - self._needed}
        return not imported.isdisjoint(name.partition(".")[0] for name in os.listdir(environment["LAMBDA_TASK_ROOT"]))


def read_at_start(environment):
    return {name: value for name, value in environment.items() if READ_AT_START.match(name)}


def has_library(folder):
    try:
        return any(LIBRARY.search(name) for name in os.listdir(folder))
    except OSError:
        return False


def signal_name(number):
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"SIG{number}"


def start_anew():
    """What modules keep of the moment and the environment that they were imported in."""
    gc.enable()
    time.tzset()
    site.USER_SITE = site.USER_BASE = None
    site.getusersitepackages()
    now = time.time_ns() if isinstance(logging._startTime, int) else time.time()
    logging._startTime = now
