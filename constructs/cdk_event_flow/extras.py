"""What is not installed, in one sentence."""

import importlib.util

from cdk_event_flow.errors import Problem, RunError

LOCAL = ("aiohttp", "awslambdaric", "boto3", "moto", "time_machine")  # modules that the extra [local] brings


def need_extra(extra: str, command: str, modules: tuple[str, ...], for_what: str) -> None:
    """Raise RunError (EF-EXTRA) if one of the modules that the extra brings is not there."""
    missing = [name for name in modules if importlib.util.find_spec(name) is None]
    if missing:
        problem = Problem(
            code="EF-EXTRA",
            given=f"the extra [{extra}] is not installed ({', '.join(missing)} not found)",
            allowed=f"{for_what} needs it",
            fix=f"pip install 'cdk-event-flow[{extra}]'",
        )
        raise RunError(command, problem)
