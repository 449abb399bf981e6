"""The page: a flow in a browser, live beside a local run (`serve`), or as one file that stands by itself (`view`)."""
