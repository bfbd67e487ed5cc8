"""Makes the Python environment that jobs and Python functions run on.

Runs on any Python >= 3.10 with nothing but the standard library. Holding a file lock, it builds in `<folder>.partial`
and renames it when whole, so that two processes may ask for one environment at once, and a killed one is continued.
"""

import fcntl
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path


def main(folder: Path, lock_file: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    with open(f"{folder}.lock", "w", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("waiting", "Another process is preparing the Python environment")
            fcntl.flock(lock, fcntl.LOCK_EX)
        if not is_whole(folder):
            build(folder, lock_file)
    say("ready", str(folder))


def is_whole(folder: Path) -> bool:
    """An environment whose base interpreter was removed or upgraded away is made anew."""
    python = folder / "bin" / "python"
    if not (folder / "ready.json").exists():
        return False
    return subprocess.run([python, "-c", "import pyarrow"], capture_output=True, check=False).returncode == 0


def build(folder: Path, lock_file: Path) -> None:
    partial = folder.with_name(folder.name + ".partial")
    shutil.rmtree(folder, ignore_errors=True)
    python = partial / "bin" / "python"
    if not runs_pip(python):
        shutil.rmtree(partial, ignore_errors=True)
        say("creating", f"Creating a Python {sys.version_info.major}.{sys.version_info.minor} environment")
        run([sys.executable, "-m", "venv", str(partial)])
    install(python, lock_file)
    (partial / "ready.json").write_text(json.dumps({"python": sys.version.split()[0], "lock": lock_file.name}))
    partial.rename(folder)


def runs_pip(python: Path) -> bool:
    if not python.exists():
        return False
    return subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0


def install(python: Path, lock_file: Path) -> None:
    packages = sum(1 for line in lock_file.read_text().splitlines() if "==" in line and not line.startswith("#"))
    collected = 0
    # Scripts in bin/ would still name the partial folder after the rename, which is why everything is run as a module.
    command = [str(python), "-m", "pip", "install", "--require-hashes", "--disable-pip-version-check",
               "--no-input", "--progress-bar", "off", "-r", str(lock_file)]
    output: list[str] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as pip:
        for line in pip.stdout or []:
            output.append(line)
            text = line.strip()
            if text.startswith(("Collecting ", "Requirement already satisfied")):
                collected += 1
                say("downloading", text.removeprefix("Collecting ").split(" ")[0], collected, packages)
            elif text.startswith("Installing collected packages"):
                say("installing", f"Installing {packages} packages", packages, packages)
    if pip.returncode != 0:
        raise SystemExit("".join(output[-20:]))


def run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(done.stdout + done.stderr)


def say(step: str, text: str, done: int = 0, total: int = 0) -> None:
    print(json.dumps({"step": step, "text": text, "done": done, "total": total}), flush=True)


if __name__ == "__main__":
    os.umask(0o022)
    main(Path(sys.argv[1]), Path(sys.argv[2]))
