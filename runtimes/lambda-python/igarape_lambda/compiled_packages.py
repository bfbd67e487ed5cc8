"""Layers bring compiled packages for the Python of their runtime's name; this machine may run another release. Then the
interpreter's own packages of the same names come first, and the layer still gives what they do not have."""

import importlib.machinery
import os
import re
import sys

MADE_FOR = re.compile(r"\.cpython-(\d)(\d+)[\w-]*\.so$")


def put_own_packages_first(layer_path):
    """Moves layers that were compiled for another Python to the end of the path. Returns a line for the log, or None."""
    foreign = {folder: made for folder in layer_path.split(os.pathsep) if (made := foreign_release(folder))}
    if not foreign:
        return None
    sys.path[:] = [folder for folder in sys.path if folder not in foreign] + list(foreign)
    releases = ", ".join(sorted(set(foreign.values())))
    here = "%d.%d" % sys.version_info[:2]
    return (
        f"WARNING layers have packages compiled for Python {releases}, and this machine runs them on {here}: "
        "packages that it has itself are used instead of theirs"
    )


def foreign_release(folder):
    """`3.12` where the folder's extension modules are of that release and not of this one."""
    for parent, _, names in os.walk(folder):
        for name in names:
            made_for = MADE_FOR.search(name)
            if made_for and not name.endswith(tuple(importlib.machinery.EXTENSION_SUFFIXES[:1])):
                return f"{made_for[1]}.{made_for[2]}"
            if made_for:
                return None
    return None
