"""Who may call what answers over HTTPS."""

from collections.abc import Sequence
from dataclasses import dataclass

from cdk_event_flow.errors import Problem

JWT = "API Gateway (https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-jwt-authorizer.html)"


@dataclass(frozen=True)
class Iam:
    """Callers sign their requests with credentials of AWS, and IAM decides (the default)."""

    def problems(self) -> list[Problem]:
        """Nothing can be wrong."""
        return []


@dataclass(frozen=True, kw_only=True)
class Jwt:
    """Callers bring a token of `issuer` (an https address: Cognito, Auth0 …) for one of `audience`; a route may ask for `scopes`."""

    issuer: str
    audience: Sequence[str]
    scopes: Sequence[str] = ()

    def problems(self) -> list[Problem]:
        """What API Gateway would refuse."""
        problems = []
        if not self.issuer.startswith(("https://", "${Token[")):
            problems.append(Problem(code="EF-API-JWT", given=f"the issuer is {self.issuer!r}",
                                    allowed=f"{JWT} wants an https address",
                                    fix="give the address that is in the tokens as iss"))  # fmt: skip
        if not self.audience:
            problems.append(Problem(code="EF-API-JWT", given="there is no audience",
                                    allowed=f"{JWT} compares the tokens' aud with it",
                                    fix="give at least one, as the id of the app's client"))  # fmt: skip
        return problems


@dataclass(frozen=True)
class Open:
    """Anybody on the internet may call: `reason` says why that is right, and stands beside the finding of security packs."""

    reason: str

    def problems(self) -> list[Problem]:
        """A reason that says nothing."""
        if len(self.reason.split()) >= 3:
            return []
        return [Problem(code="EF-API-OPEN", given=f"the reason is {self.reason!r}",
                        allowed="what anybody may call needs a reason that a reviewer can judge",
                        fix="say it in a sentence")]  # fmt: skip


Authorizer = Iam | Jwt | Open
