"""The constructs. The only room that imports aws_cdk."""
