"""The findings of `flow`, in CDK's own validation report."""

from pathlib import Path

import aws_cdk as cdk
import jsii

from cdk_event_flow.compose.edge import line_of
from cdk_event_flow.flow import Finding, Flow
from cdk_event_flow.flow.template import stacks_of


@jsii.implements(cdk.IPolicyValidationPlugin)
class EventFlowChecks:
    """`Validations.of(app).add_plugins(EventFlowChecks())`: what `flow.check()` finds, acknowledged the CDK way.

    `advice=True` reports also which consumers may do things twice.
    """

    def __init__(self, *, advice: bool = False) -> None:
        self._advice = advice

    @property
    def name(self) -> str:
        """The plugin's name in the report."""
        return "EventFlow"

    @property
    def version(self) -> str:
        """Which version of the findings."""
        return "0.1.0"

    @property
    def rule_ids(self) -> list[str] | None:
        """Not listed: ids are stable and documented."""
        return None

    def validate(self, context: cdk.IPolicyValidationContext) -> cdk.PolicyValidationPluginReport:
        """Read all stacks together and report what is found; errors fail the synth, warnings do not."""
        paths = [Path(path) for path in context.template_paths]
        assembly = next((folder for folder in paths[0].parents if (folder / "manifest.json").is_file()), paths[0])
        places = _places(assembly)
        violations = [
            cdk.PolicyViolation(
                rule_name=finding.id,
                description=f"{_where(finding)}{finding.what} {finding.why}",
                fix=finding.fix,
                severity=finding.severity,
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=finding.logical_id,
                        template_path=places.get((finding.path, finding.logical_id), str(paths[0])),
                        locations=[finding.logical_id],
                    )
                ],
            )
            for finding in Flow.from_assembly(assembly).check(advice=self._advice)
        ]
        return cdk.PolicyValidationPluginReport(
            success=not any(violation.severity == "error" for violation in violations), violations=violations
        )


def _places(assembly: Path) -> dict[tuple[str, str], str]:
    """The template of each resource, by construct path and logical id, and of each stack by its name."""
    found = {}
    for stack in stacks_of(assembly):
        found[stack.name, stack.name] = str(stack.file)
        for logical_id, resource in stack.read()["Resources"].items():
            path = str(resource.get("Metadata", {}).get("aws:cdk:path", logical_id))
            found[path.removesuffix("/Resource").removesuffix("/Default"), logical_id] = str(stack.file)
    return found


def _where(finding: Finding) -> str:
    line = line_of(finding.path)
    return f"{line}: " if line else ""
