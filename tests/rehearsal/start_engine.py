"""Starts the independent engine, in its own environment, with the resource types that it lacks as named stubs.

Arguments: the file into which each stub that is made is written, a line `type logical-id`. Imports nothing of this repository.
"""

import sys
from pathlib import Path

from ministack.app import main
from ministack.services.cloudformation import provisioners

# What the reference app has and this version of the engine has not, each with the attributes that others ask it for. None of
# them carries an event.
STUBS = {
    "AWS::CloudWatch::CompositeAlarm": (),
    "AWS::CodeDeploy::Application": (),
    "AWS::CodeDeploy::DeploymentConfig": (),
    "AWS::CodeDeploy::DeploymentGroup": (),
    "AWS::EC2::FlowLog": (),
    "AWS::EC2::SecurityGroupEgress": (),
    "AWS::Events::Archive": (),
    "AWS::EventSchemas::Registry": ("RegistryName",),
    "AWS::EventSchemas::Schema": (),
    "AWS::Logs::QueryDefinition": (),
}

# Resources of a type that it has, with a property that it has not.
PARTLY = {"AWS::CloudWatch::Alarm": ("Metrics", ("Arn",))}
# Attributes that a resource has on AWS and not in this version of the engine, each the property of the same name.
ATTRIBUTES = {"AWS::EC2::VPC": ("CidrBlock",)}


def stub(kind, attributes, told):
    """A resource that exists in name only; its name is what its attributes are."""

    def create(logical_id, *_):
        with told.open("a") as file:
            file.write(f"{kind} {logical_id}\n")
        return logical_id, dict.fromkeys(attributes, logical_id)

    def update(physical_id, *_):
        return physical_id, dict.fromkeys(attributes, physical_id)

    return {"create": create, "update": update, "delete": lambda *_: None}


def partly(handler, kind, key, attributes, told):
    """The engine's own handler, and a stub for resources with the property `key`."""
    other = stub(f"{kind} with {key}", attributes, told)
    made = set()

    def create(logical_id, properties, stack):
        if key not in properties:
            return handler["create"](logical_id, properties, stack)
        made.add(logical_id)
        return other["create"](logical_id)

    def delete(physical_id, *more):
        return None if physical_id in made else handler["delete"](physical_id, *more)

    return {**handler, "create": create, "delete": delete}


def with_attributes(create, names, kind, told):
    """The engine's own way to make a resource, with attributes that it leaves out."""

    def made(logical_id, properties, stack):
        physical_id, attributes = create(logical_id, properties, stack)
        with told.open("a") as file:
            file.write(f"{kind}.{','.join(names)} {logical_id}\n")
        return physical_id, {**{name: properties[name] for name in names}, **attributes}

    return made


if __name__ == "__main__":
    place = Path(sys.argv.pop(1))
    for name, attributes in STUBS.items():
        if name in provisioners._RESOURCE_HANDLERS:
            sys.exit(f"the engine has {name} now: take it out of the stubs")
        provisioners._RESOURCE_HANDLERS[name] = stub(name, attributes, place)
    for name, (key, attributes) in PARTLY.items():
        provisioners._RESOURCE_HANDLERS[name] = partly(provisioners._RESOURCE_HANDLERS[name], name, key, attributes, place)
    for name, attributes in ATTRIBUTES.items():
        handler = provisioners._RESOURCE_HANDLERS[name]
        handler["create"] = with_attributes(handler["create"], attributes, name, place)
    main()
