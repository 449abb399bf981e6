"""Imports a handler's module as Lambda's runtime would, and tells how long it took. Standard library only: it is run as a script.

Arguments: the fd to tell on, the marker to write before the import, the handler's module, the task root, the folder with the
runtime's packages, a folder for bytecode, `write` or `keep` (whether bytecode that is missing there is written), and the
folders of the layers.
"""

import json
import os
import sys
import time


def packages(layer: str) -> list[str]:
    """Where Python looks in a layer."""
    return [f"{layer}/python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages", f"{layer}/python"]


def main() -> None:
    """Import, and tell; what the import raises is told too."""
    tell, marker, module, task_root, runtime, pycache, bytecode, *layers = sys.argv[1:]
    sys.argv = ["bootstrap", module]
    sys.pycache_prefix, sys.dont_write_bytecode = pycache, bytecode != "write"
    sys.path[:] = [task_root, *(folder for layer in layers for folder in packages(layer)), *sys.path, runtime]
    import awslambdaric.bootstrap  # type: ignore[import-untyped]  # noqa: F401 - what is there before a handler is imported

    os.write(2, f"\n{marker}\n".encode())
    told: dict[str, object] = {}
    began = time.perf_counter()
    try:
        __import__(module.replace("/", "."))  # of importlib's functions -X importtime says nothing
    except BaseException as error:  # whatever it is, SystemExit too
        told["error"] = f"{type(error).__name__}: {error}"
    told["seconds"] = time.perf_counter() - began
    os.write(int(tell), json.dumps(told).encode())
    os._exit(0)  # threads that the import has started need not end


if __name__ == "__main__":
    main()
