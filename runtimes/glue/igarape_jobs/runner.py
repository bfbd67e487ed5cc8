"""A job's process: it imports everything and starts its own Sail server first, then waits for a run, so that a run
begins at once. `python -m igarape_jobs.runner spark|shell`, with the server's socket as descriptor 3.
"""

import os
import sys
import types

from igarape_jobs import failures
from igarape_jobs.host import Host
from igarape_jobs.trace_header import carry_trace


def main(kind: str) -> None:
    host = Host(3)
    engine = None
    if kind == "spark":
        from igarape_jobs.engine import Engine

        engine = Engine(host)
        engine.warm_up()
    carry_trace()
    leave_no_bytecode()
    host.send({"event": "ready"})
    run = host.next_run()
    enter(run)
    outcome = begun(engine, run) or (converse(host) if run.get("isSession") else execute(run))
    if engine:
        outcome["counts"] = engine.counts.finished()
    sys.stdout.flush()
    sys.stderr.flush()
    host.send({"event": "finished", **outcome})
    # Threads of the script and the Sail server do not hold the process back.
    os._exit(0 if outcome["succeeded"] else 1)


def leave_no_bytecode() -> None:
    """Beside a script's own modules, in this process and in those that it starts. What was imported until here is compiled for the next start."""
    sys.dont_write_bytecode = True
    os.environ["PYTHONDONTWRITEBYTECODE"] = "1"


def converse(host):
    """An interactive session: it ends with its process."""
    from awsglue.context import GlueContext
    from pyspark.context import SparkContext

    from igarape_jobs import interactive

    return interactive.serve(host, GlueContext(SparkContext.getOrCreate()))


def enter(run: dict) -> None:
    os.environ.update(run["environment"])
    os.chdir(run["folder"])
    sys.argv = [run["scriptPath"], *run["arguments"]]
    sys.path[:0] = [os.path.dirname(run["scriptPath"]), *run.get("pythonPaths", [])]


def begun(engine, run: dict) -> dict | None:
    """Why the engine cannot serve this run, if so."""
    try:
        if engine:
            engine.begin(run)
    except (SystemExit, Exception) as error:
        failures.print_to_log(error, run["scriptPath"])
        return failures.describe(error, run["scriptPath"])
    return None


def execute(run: dict) -> dict:
    path = run["scriptPath"]
    # Functions of the script are pickled by value for UDFs only when their module is the real __main__.
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = __builtins__
    sys.modules["__main__"] = module
    try:
        with open(path, "rb") as script:
            code = compile(script.read(), path, "exec")
        exec(code, module.__dict__)
    except SystemExit as exit:
        if exit.code in (None, 0):
            return {"succeeded": True}
        return failures.describe(exit, path)
    except BaseException as error:
        failures.print_to_log(error, path)
        return failures.describe(error, path)
    return {"succeeded": True}


if __name__ == "__main__":
    main(sys.argv[1])
