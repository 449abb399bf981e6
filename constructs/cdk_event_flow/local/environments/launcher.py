"""Starts the runtime inside an execution environment. Runs there as a script, with the standard library only.

Arguments: the read end of a pipe whose other end the local run holds; then `node` or `custom` and the program to become,
or `python` (`debug:PORT:FOLDER` to wait for a debugger first), the clock file, the runtime folder, a folder for compiled
bytecode, the handler, the task root and the folders of the layers.
"""

import fcntl
import os
import select
import signal
import struct
import sys
from typing import Any


def die_with_parent(fd: int) -> None:
    """Have the kernel kill this process group when the local run ends, however it ends: its end of the pipe closes.

    Unlike PR_SET_PDEATHSIG this covers the handler's own children, and does not mistake a thread's end for the
    parent's. Linux only; elsewhere the local run's own close has to do.
    """
    if not hasattr(fcntl, "F_SETSIG"):
        return
    fcntl.fcntl(fd, fcntl.F_SETOWN, -os.getpgid(0))
    fcntl.fcntl(fd, fcntl.F_SETSIG, signal.SIGKILL)
    fcntl.fcntl(fd, fcntl.F_SETFL, os.O_ASYNC | os.O_NONBLOCK)
    if select.select([fd], [], [], 0)[0]:  # it had ended before the signal was asked for
        os.killpg(0, signal.SIGKILL)


class Clock:
    """Shifts this process's clock by the offset that the local run wrote for the current invocation."""

    def __init__(self, path: str) -> None:
        self.fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        self.offset = 0.0
        self.travel: Any = None

    def set(self) -> None:
        """Follow the offset in the file, in seconds; at 0 nothing is patched."""
        (offset,) = struct.unpack("d", os.pread(self.fd, 8, 0))
        if offset == self.offset:
            return
        import time

        import time_machine

        if self.travel is not None:
            self.travel.stop()
            self.travel = None
        if offset:
            self.travel = time_machine.travel(time.time() + offset, tick=True)
            # Moved once more, because the start itself takes a while; and read at once, because its clock stands still
            # until it is read. Either would show in the remaining time.
            self.travel.start().move_to(time_machine.escape_hatch.time.time() + offset, tick=True)
            time.time()
        self.offset = offset


def become(program: list[str]) -> None:
    """Run another program in this process; what the platform says where it does not start."""
    try:
        os.execv(program[0], program)
    except OSError as error:
        import http.client
        import json

        said = f"Error: fork/exec {program[0]}: {(error.strerror or str(error)).lower()}"
        api = http.client.HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
        document = {"errorType": "Runtime.InvalidEntrypoint", "errorMessage": said}
        api.request("POST", "/2018-06-01/runtime/init/error", json.dumps(document))
        api.getresponse()
        sys.exit(said)


def wait_for_debugger(port: int, folder: str) -> None:
    """Wait until a debugger has attached at this port. `folder` holds debugpy."""
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    sys.path.append(folder)
    import debugpy  # type: ignore[import-not-found,import-untyped,unused-ignore]

    debugpy.listen(("127.0.0.1", port))
    debugpy.wait_for_client()


def packages(layer: str) -> list[str]:
    """Where Python looks in a layer."""
    return [f"{layer}/python/lib/python{sys.version_info.major}.{sys.version_info.minor}/site-packages", f"{layer}/python"]


def main() -> None:
    """Prepare the process as Lambda's runtime does, then hand over to the runtime."""
    life, kind, *rest = sys.argv[1:]
    die_with_parent(int(life))
    if kind != "custom":
        # Records from logging are framed, and share the pipe with plain output so that their order is kept.
        framed = os.dup(1)
        os.set_inheritable(framed, True)
        os.environ["_LAMBDA_TELEMETRY_LOG_FD"] = str(framed)
    if kind in ("node", "custom"):
        become(rest)
    clock_path, runtime, pycache, handler, task_root, *layers = rest
    sys.argv = ["bootstrap", handler]
    # Compiled files never go into the bundle: its content is what gets deployed.
    sys.pycache_prefix = pycache
    sys.path[:] = [task_root, *(folder for layer in layers for folder in packages(layer)), *sys.path, runtime]
    if kind != "python":
        _, port, folder = kind.split(":", 2)
        wait_for_debugger(int(port), folder)
    clock = Clock(clock_path)
    clock.set()

    import runtime_client  # type: ignore[import-not-found]
    from awslambdaric import bootstrap, lambda_runtime_client  # type: ignore[import-untyped]

    wait = runtime_client.next

    def following() -> Any:
        event = wait()
        clock.set()
        return event

    runtime_client.next = following
    # Polling on the main thread, where the client takes a fresh thread for each event in newer runtimes: it does so to
    # hear SIGTERM while it waits, which is never sent here, and is four times slower.
    client = lambda_runtime_client.LambdaRuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"], False)
    bootstrap.run(handler, client)


if __name__ == "__main__":
    main()
