"""How long a handler's imports take here, each time in a process of its own that has nothing of this machine's environment."""

import json
import os
import random
import re
import secrets
import shutil
import signal
import subprocess
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cdk_event_flow.flow.model import Function
from cdk_event_flow.local.environments import Prepared
from cdk_event_flow.local.environments.variables import Place, credentials, variables

LIMIT = 60.0  # seconds that an import may take here; Lambda stops it after 10, and begins once more
_CHILD = Path(__file__).with_name("child.py")
_NOBODY = "127.0.0.1:9"  # the port that discards: who calls AWS while it is imported is refused at once
_LINE = re.compile(r"^import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)\s*$", re.MULTILINE)


@dataclass(frozen=True, kw_only=True, slots=True)
class Imports:
    """`seconds` is the shortest of the runs without bytecode of the function's own files and packages, as Lambda imports
    what is not precompiled; `precompiled` the shortest with it. `shares` are the parts (0.0 to 1.0) of the time that each
    package and each module of the function's own takes by itself, the largest first, bytecode as the package has it."""

    seconds: float
    precompiled: float
    shares: Mapping[str, float]


class NotImported(Exception):
    """The import fails here; the text says why."""


class Importer:
    """Measures imports. `folder` is for bytecode and goes with its owner, `runtime` holds the packages of Lambda's runtime."""

    def __init__(self, folder: Path, runtime: Path) -> None:
        self._pycache = folder / "pycache"
        self._tmp = folder / "tmp"
        self._tmp.mkdir()
        self._runtime = runtime

    def measure(self, function: Function, prepared: Prepared, *, runs: int, precompiled: bool) -> Imports:
        """Import the handler's module `runs` times with bytecode and as often without. Raises NotImported."""
        self._once(function, prepared, write=True)
        compiled = min(self._once(function, prepared)[0] for _ in range(runs))
        shares = self._shares(function, prepared) if precompiled else None
        self._forget(prepared)
        plain = min(self._once(function, prepared)[0] for _ in range(runs))
        return Imports(seconds=plain, precompiled=compiled, shares=shares or self._shares(function, prepared))

    def _forget(self, prepared: Prepared) -> None:
        """Remove the bytecode of the function's own files and layers; that of Python and the runtime's packages is in Lambda too."""
        for root in prepared.roots:
            shutil.rmtree(self._pycache / root.resolve().relative_to("/"), ignore_errors=True)
            shutil.rmtree(self._pycache / root.relative_to("/"), ignore_errors=True)

    def _shares(self, function: Function, prepared: Prepared) -> dict[str, float]:
        _, said = self._once(function, prepared, timed=True)
        spent: Counter[str] = Counter()
        for microseconds, module in _LINE.findall(said):
            spent[module.split(".")[0]] += int(microseconds)
        total = sum(spent.values()) or 1
        return {name: microseconds / total for name, microseconds in spent.most_common()}

    def _once(self, function: Function, prepared: Prepared, *, write: bool = False, timed: bool = False) -> tuple[float, str]:
        """Seconds, and what stands on standard error from the beginning of the import."""
        reading, writing = os.pipe()
        marker = secrets.token_hex(16)
        module = function.handler.rpartition(".")[0]
        command: list[str | Path] = [prepared.interpreter, "-I", "-S", "-X", "utf8", *(("-X", "importtime") if timed else ())]
        command += [_CHILD, str(writing), marker, module, prepared.task_root, self._runtime, self._pycache]
        command += ["write" if write else "keep", *prepared.layers]
        try:
            process = subprocess.Popen(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.PIPE,
                pass_fds=(writing,),
                env=self._variables(function, prepared),
                cwd=prepared.task_root,
                start_new_session=True,
            )
        finally:
            os.close(writing)
        try:
            _, raw = process.communicate(timeout=LIMIT)
            told = os.read(reading, 1_048_576)
        except subprocess.TimeoutExpired:
            raise NotImported(f"its import takes over {LIMIT:.0f} seconds here") from None
        finally:
            _end(process)
            os.close(reading)
        said = raw.decode("utf-8", "replace").rpartition(f"\n{marker}\n")[2]
        if not told:
            raise NotImported(f"its import ends the process here ({_how(process.returncode)})")
        answer = json.loads(told)
        if "error" in answer:
            raise NotImported(f"its import fails here: {' '.join(answer['error'].split())}")
        return answer["seconds"], said

    def _variables(self, function: Function, prepared: Prepared) -> dict[str, str]:
        place = Place(
            runtime_api=_NOBODY,
            endpoint=f"http://{_NOBODY}",
            xray=_NOBODY,
            region="us-east-1",
            roots=prepared.roots,
            runtime=self._runtime,
            tmp=self._tmp,
            log_stream="measured",
        )
        return variables(function, "$LATEST", place, credentials("123456789012", random.Random(0)))


def _end(process: subprocess.Popen[bytes]) -> None:
    """Nothing that the import has started outlives it."""
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass
    process.wait()
    if process.stderr:
        process.stderr.close()


def _how(code: int) -> str:
    return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit status {code}"
