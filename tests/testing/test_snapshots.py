"""Snapshots change with what people wrote, and with nothing else."""

from cdk_event_flow.testing import stable

VERSION = "BillingCurrentVersionABCD1234"


def template(code, configuration):
    """A template as CDK writes it, for code and configuration of these hashes."""
    return {
        "Resources": {
            "Billing": {
                "Type": "AWS::Lambda::Function",
                "Properties": {"Code": {"S3Bucket": {"Fn::Sub": "cdk-assets"}, "S3Key": f"{code}.zip"}, "MemorySize": 512},
                "Metadata": {"aws:cdk:path": "Shop/Billing", "aws:asset:path": f"asset.{code}.zip"},
            },
            f"{VERSION}{configuration}": {"Type": "AWS::Lambda::Version", "Metadata": {"aws:cdk:path": "x", "note": "kept"}},
            "Live": {
                "Type": "AWS::Lambda::Alias",
                "Properties": {"FunctionVersion": {"Fn::GetAtt": [f"{VERSION}{configuration}", "Version"]}},
            },
            "CDKMetadata": {"Type": "AWS::CDK::Metadata", "Properties": {"Analytics": "v2"}},
        },
        "Parameters": {"BootstrapVersion": {"Type": "AWS::SSM::Parameter::Value<String>"}},
        "Rules": {"CheckBootstrapVersion": {"Assertions": []}},
    }


def test_other_code_gives_the_same_snapshot():
    assert stable(template("0a" * 32, "1b" * 16)) == stable(template("2c" * 32, "3d" * 16))


def test_hashes_versions_and_cdks_own_parts_are_gone():
    kept = stable(template("0a" * 32, "1b" * 16))
    assert list(kept) == ["Resources"]
    assert list(kept["Resources"]) == ["Billing", f"{VERSION}<version>", "Live"]
    assert kept["Resources"]["Billing"]["Properties"]["Code"]["S3Key"] == "<asset>.zip"
    assert "Metadata" not in kept["Resources"]["Billing"]
    assert kept["Resources"][f"{VERSION}<version>"]["Metadata"] == {"note": "kept"}
    assert kept["Resources"]["Live"]["Properties"] == {"FunctionVersion": {"Fn::GetAtt": [f"{VERSION}<version>", "Version"]}}


def test_what_people_wrote_stays():
    changed = template("0a" * 32, "1b" * 16)
    changed["Resources"]["Billing"]["Properties"]["MemorySize"] = 1024
    assert stable(changed) != stable(template("0a" * 32, "1b" * 16))


def test_the_template_given_is_not_touched():
    given = template("0a" * 32, "1b" * 16)
    stable(given)
    assert given == template("0a" * 32, "1b" * 16)
