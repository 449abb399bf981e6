"""Price lists by upload: a bucket → the default bus → two functions, one of which imports, and one keeps account."""

from typing import Any

import aws_cdk as cdk
from cdk_nag import AwsSolutionsChecks, ServerlessChecks

from cdk_event_flow import Bucket, EventBus, EventFlowChecks, PythonFunction, Table
from constructs import Construct


class Prices(cdk.Stack):
    """Suppliers upload price lists; each good row becomes a price, and the others are reported beside the list."""

    def __init__(self, scope: Construct, id: str, **kwargs: Any) -> None:
        super().__init__(scope, id, **kwargs)
        uploads = Bucket(self, "Uploads")
        prices = Table(self, "Prices", partition_key="sku", stream=None)
        importer = PythonFunction(self, "Importer", code="lambda_src/importer", environment={"TABLE": prices.name})
        auditor = PythonFunction(self, "Auditor", code="lambda_src/auditor")
        uploads.allow(importer, "GetObject", prefix="in/")
        uploads.allow(importer, "PutObject", prefix="rejected/")
        prices.allow(importer, "PutItem")

        account = EventBus(self, "Account", bus="default")
        account.route("Lists", uploads.pattern(prefix="in/", suffix=".csv"), to=importer)
        account.route("Everything", uploads.pattern("Object Created", "Object Deleted"), to=auditor)


app = cdk.App()
Prices(app, "Prices")
cdk.Validations.of(app).add_plugins(EventFlowChecks(), AwsSolutionsChecks(app), ServerlessChecks(app))
app.synth()
