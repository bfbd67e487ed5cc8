"""What the workers of a cluster are sent: the modules and files of the run, and its packages."""

import shutil
from pathlib import Path

packages_name = "igarape-packages"


def settings(run: dict) -> dict[str, str]:
    files = files_of(run)
    modules = [path for path in files if path.endswith((".py", ".zip"))]
    out = {}
    if files:
        # The driver puts on Python's path what the workers have as files.
        out.update({"spark.files": ",".join(files), "spark.submit.pyFiles": ",".join(modules)})
    packages = packages_of(run)
    if packages:
        out.update({"spark.archives": f"{packages}#{packages_name}", "spark.executorEnv.PYTHONPATH": packages_name})
    return out


def files_of(run: dict) -> list[str]:
    """All that the run's folder has beside its script and its jars; a wheel is a zip of another name."""
    found = []
    for path in sorted(Path(run["folder"]).iterdir()):
        if path.is_file() and str(path) not in (run["scriptPath"], *run.get("jars", [])):
            found.append(str(shutil.copyfile(path, f"{path}.zip")) if path.suffix in (".whl", ".egg") else str(path))
    return found


def packages_of(run: dict) -> str | None:
    """The folder of `--additional-python-modules`, which is on this process's path, as an archive."""
    folder = run.get("modulesFolder")
    return shutil.make_archive(str(Path(run["folder"], ".igarape-packages")), "zip", folder) if folder else None
