"""What is said of a random app that nothing is wrong with: nothing."""

import json

from cfnlint.api import lint

from cdk_event_flow.flow import Flow

from ..wildcards import unnamed


def wrong(assembly, *, linted):
    """What `flow`, the list of wildcards and, if `linted`, cfn-lint say, which takes most of the time."""
    said = [f"{each.id} {each.path}: {each.what}" for each in Flow.from_assembly(assembly).check()]
    for file in templates(assembly):
        text = file.read_text("utf-8")
        said += [f"{file.name}: {each}" for each in unnamed(json.loads(text))]
        if linted:
            said += [f"{file.name}: {each}" for each in lint(text) if not _of_the_cdk(each)]
    return said


def inline(assembly):
    """The inline policies that there are, as there must be none under guardrails."""
    made = [each for file in templates(assembly) for each in json.loads(file.read_text("utf-8"))["Resources"].items()]
    return [f"{id} is inline" for id, each in made if each["Type"] == "AWS::IAM::Policy" or "Policies" in each.get("Properties", {})]


def templates(assembly):
    """The templates of an app's stacks, of nested ones too; a stack without resources is none."""
    return [file for file in sorted(assembly.glob("*.template.json")) if "Resources" in json.loads(file.read_text("utf-8"))]


def _of_the_cdk(match):
    """The CDK's own functions and state machines depend on their role by name, though a property says so; ours do not."""
    return match.rule.id == "W3005" and str(match.path[1]).startswith(("Plain", "Machine"))
