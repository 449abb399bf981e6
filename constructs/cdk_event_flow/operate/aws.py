"""The AWS SDK as the commands use it: clients that back off when throttled, and its errors as one clear line each."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import boto3
import botocore.session  # type: ignore[import-untyped]
from botocore.config import Config  # type: ignore[import-untyped]
from botocore.exceptions import (  # type: ignore[import-untyped]
    BotoCoreError,
    ClientError,
    CredentialRetrievalError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
    PartialCredentialsError,
    ProfileNotFound,
    SSOError,
)

from cdk_event_flow.errors import Problem, RunError

# https://docs.aws.amazon.com/sdkref/latest/guide/feature-retry-behavior.html
ATTEMPTS = 8
CONNECT_SECONDS = 5
READ_SECONDS = 60  # a long poll of SQS lasts 20

_THROTTLED = ("throttl", "toomanyrequests", "requestlimitexceeded", "overlimit", "slowdown", "limitexceeded")
_DENIED = ("accessdenied", "authorizationerror", "unauthorized", "notauthorized")
_CREDENTIALS = ("expiredtoken", "invalidclienttokenid", "unrecognizedclient", "invalidaccesskeyid", "signaturedoesnotmatch",
                "invalidsignature", "missingauthenticationtoken")  # fmt: skip
_MISSING = ("nonexistent", "doesnotexist", "notfound")


@dataclass(frozen=True, kw_only=True)
class Aws:
    """Clients of one session. `endpoint` is set for a local run."""

    session: Any
    endpoint: str | None = None
    _clients: dict[tuple[str, bool], Any] = field(default_factory=dict)

    @classmethod
    def of_profile(cls, *, region: str | None, profile: str | None) -> "Aws":
        """By the ordinary credentials chain. Raises RunError (EF-AWS-CREDENTIALS, EF-AWS-REGION)."""
        with clear_errors("the AWS session"):
            session = boto3.Session(profile_name=profile, region_name=region)
            if session.region_name is None:
                raise NoRegionError
        return cls(session=session)

    @classmethod
    def of_run(cls, endpoint: str, *, region: str) -> "Aws":
        """Of a local run, which takes any key: nothing of this machine's own credentials and profiles is used."""
        core = botocore.session.Session(session_vars={"profile": (None, [], None, None)})
        core.set_credentials("local", "local")
        return cls(session=boto3.Session(botocore_session=core, region_name=region), endpoint=endpoint)

    def client(self, service: str) -> Any:
        """A client that asks again, with growing waits, when it is throttled or a service fails."""
        return self._client(service, repeats=True)

    def sender(self, service: str) -> Any:
        """A client that asks once: for what must not be done twice."""
        return self._client(service, repeats=False)

    def _client(self, service: str, *, repeats: bool) -> Any:
        if (service, repeats) not in self._clients:
            config = Config(
                retries={"mode": "standard", "total_max_attempts": ATTEMPTS if repeats else 1},
                connect_timeout=CONNECT_SECONDS,
                read_timeout=READ_SECONDS,
                user_agent_extra="cdk-event-flow",
                **({"proxies": {}} if self.endpoint else {}),
            )
            self._clients[service, repeats] = self.session.client(service, endpoint_url=self.endpoint, config=config)
        return self._clients[service, repeats]


def code_of(error: Exception) -> str:
    """The code that a service gave for an error (`AccessDenied`), or empty."""
    return str(error.response.get("Error", {}).get("Code", "")) if isinstance(error, ClientError) else ""


def is_throttled(code: str) -> bool:
    """Whether a code says "not now": the service did nothing, and may be asked again."""
    return _named(code, _THROTTLED)


def concerns_all(code: str) -> bool:
    """Whether a code refuses the caller, or the place: the next request would be refused too."""
    return _named(code, (*_DENIED, *_CREDENTIALS, *_MISSING))


def is_denied(code: str) -> bool:
    """Whether a code says that the caller has no permission."""
    return _named(code, _DENIED)


def missing(error: Exception) -> bool:
    """Whether an error says that something does not exist."""
    return _named(code_of(error), _MISSING)


def _named(code: str, parts: tuple[str, ...]) -> bool:
    return any(part in code.lower() for part in parts)


@contextmanager
def clear_errors(at: str) -> Iterator[None]:
    """What the SDK raises inside becomes a RunError: EF-AWS-CREDENTIALS, -DENIED, -THROTTLED, -REGION, -UNREACHABLE or EF-AWS."""
    try:
        yield
    except ClientError as error:
        raise RunError(at, _refused(error)) from None
    except BotoCoreError as error:
        raise RunError(at, _failed(error)) from None


def _refused(error: Any) -> Problem:
    code, message = code_of(error), error.response.get("Error", {}).get("Message") or "no reason given"
    given = f"{error.operation_name} was refused: {_line(message)} ({code})"
    if is_denied(code):
        return Problem(code="EF-AWS-DENIED", given=given, allowed="the caller needs this permission",
                       fix="have it granted, or use another --profile")  # fmt: skip
    if _named(code, _CREDENTIALS):
        return Problem(code="EF-AWS-CREDENTIALS", given=given, allowed="AWS takes valid credentials only",
                       fix="log in again (aws sso login, aws configure), or use another --profile")  # fmt: skip
    if is_throttled(code):
        return Problem(code="EF-AWS-THROTTLED", given=given, allowed=f"{ATTEMPTS} attempts with growing waits were made",
                       fix="try again later, or slower")  # fmt: skip
    return Problem(code="EF-AWS", given=given, allowed="AWS must take the request", fix="mend what it says")


def _failed(error: Exception) -> Problem:
    given = _line(str(error)).rstrip(".")
    if isinstance(error, NoCredentialsError | PartialCredentialsError | CredentialRetrievalError | ProfileNotFound | SSOError):
        return Problem(code="EF-AWS-CREDENTIALS", given=given, allowed="AWS wants credentials",
                       fix="log in (aws sso login, aws configure), or give a --profile; --local needs none")  # fmt: skip
    if isinstance(error, NoRegionError):
        return Problem(code="EF-AWS-REGION", given="no region is set", allowed="a stack is in a region",
                       fix="give --region, or set AWS_REGION")  # fmt: skip
    if isinstance(error, EndpointConnectionError | HTTPClientError):
        return Problem(code="EF-AWS-UNREACHABLE", given=given, allowed="the service must answer",
                       fix="look at the network and --region; a local run must be running")  # fmt: skip
    return Problem(code="EF-AWS", given=given, allowed="the SDK must take the request", fix="mend what it says")


def _line(text: str) -> str:
    return " ".join(text.split())
