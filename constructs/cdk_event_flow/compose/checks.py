"""The findings of `flow`, in CDK's own validation report."""

import aws_cdk as cdk
import jsii

from cdk_event_flow.flow import Flow


@jsii.implements(cdk.IPolicyValidationPlugin)
class EventFlowChecks:
    """`Validations.of(app).add_plugins(EventFlowChecks())`: what `flow.check()` finds, acknowledged the CDK way."""

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
        """Read each template and report its findings; errors fail the synth, warnings do not."""
        violations = [
            cdk.PolicyViolation(
                rule_name=finding.id,
                description=f"{finding.what} {finding.why}",
                fix=finding.fix,
                severity=finding.severity,
                violating_resources=[
                    cdk.PolicyViolatingResource(
                        resource_logical_id=finding.logical_id, template_path=path, locations=[finding.path]
                    )
                ],
            )
            for path in context.template_paths
            for finding in Flow.from_template(path).check()
        ]
        return cdk.PolicyValidationPluginReport(
            success=not any(violation.severity == "error" for violation in violations), violations=violations
        )
