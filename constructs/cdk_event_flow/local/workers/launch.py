"""Starts the runner in a worker's process. Runs there as a script, with the standard library only.

Arguments: the launcher of execution environments, whose way of dying with the local run is a worker's too; the read end of the
pipe that tells of it; a folder for compiled bytecode; the folders to import from.
"""

import importlib.util
import runpy
import sys


def main() -> None:
    """Prepare the process as an image does, then hand over to the runner."""
    launcher, life, pycache, *folders = sys.argv[1:]
    spec = importlib.util.spec_from_file_location("launcher", launcher)
    if spec is None or spec.loader is None:
        sys.exit(f"{launcher} cannot be imported")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.die_with_parent(int(life))
    # Compiled files never go into the bundle: its content is what gets deployed.
    sys.pycache_prefix = pycache
    sys.path[:] = [*folders, *sys.path[1:]]
    sys.argv = ["event_flow_worker"]
    runpy.run_module("event_flow_worker", run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
