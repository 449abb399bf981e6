"""Code as Lambda runs it: what its runtime would not find is refused, whatever the runtime."""

import zipfile

import pytest

from cdk_event_flow.bundling import problems_of_code
from cdk_event_flow.bundling.ready import UNZIPPED_LIMIT, machine_of, size_problems


def elf(machine, order="little"):
    """The start of a compiled program for Linux."""
    return (
        b"\x7fELF\x02"
        + (b"\x01" if order == "little" else b"\x02")
        + bytes(10)
        + b"\x02\x00"
        + machine.to_bytes(2, order)
        + bytes(44)
    )


ARM, INTEL = elf(0xB7), elf(0x3E)


@pytest.fixture(params=["folder", "zip"])
def made(request, tmp_path):
    """Code of these files, as a folder and as a zip; those named `bootstrap` may be executed unless said otherwise."""

    def made(files, executable=True):
        folder = tmp_path / "code"
        folder.mkdir()
        for name, content in files.items():
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content if isinstance(content, bytes) else content.encode())
            file.chmod(0o755 if name == "bootstrap" and executable else 0o644)
        if request.param == "folder":
            return folder
        with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
            for name in files:
                archive.write(folder / name, name)
        return tmp_path / "code.zip"

    return made


def problems(code, runtime, handler="index.handler", architecture="arm64", layered=False):
    return problems_of_code(code, runtime=runtime, handler=handler, architecture=architecture, layered=layered)


GOOD = [
    ("provided.al2023", "any", {"bootstrap": "#!/bin/sh\nexit\n"}),
    ("provided.al2023", "any", {"bootstrap": ARM}),
    ("provided.al2", "any", {"bootstrap": ARM}),
    ("nodejs24.x", "index.handler", {"index.js": "exports.handler = async () => {};"}),
    ("nodejs24.x", "index.handler", {"index.mjs": "export const handler = async () => {};"}),
    ("nodejs24.x", "index.handler", {"index.cjs": "module.exports = { handler };"}),
    ("nodejs24.x", "src/index.handler", {"src/index.js": "export * from './other.js';"}),
    ("nodejs24.x", "index.handler", {"index.js": "module.exports = require('./dist');"}),
    ("nodejs24.x", "index.api.handler", {"index.js": "exports.api = {};"}),
    ("ruby3.4", "function.handler", {"function.rb": "def handler(event:, context:) end"}),
    (
        "ruby3.4",
        "function.Shop::Orders.process",
        {"function.rb": "module Shop\nclass Orders\ndef self.process(event:, context:) end"},
    ),
    ("java25", "shop.Orders::handleRequest", {"shop/Orders.class": b"\xca\xfe"}),
    ("java25", "shop.Orders", {"lib/shop.jar": b"PK"}),
    ("dotnet10", "Shop::Shop.Orders::Handle", {"Shop.dll": b"MZ"}),
    ("dotnet10", "Shop", {"Shop.dll": b"MZ"}),
    ("python3.14", "app.handler", {"app.py": "def handler(event, context): ..."}),
    ("python3.14", "shop.orders.handler", {"shop/orders.py": "handler = print"}),
]


@pytest.mark.parametrize(("runtime", "handler", "files"), GOOD)
def test_what_the_runtime_starts_is_there(made, runtime, handler, files):
    assert problems(made(files), runtime, handler) == []


BAD = [
    ("provided.al2023", "any", {"main": ARM}, "EF-CODE-BOOTSTRAP", "name the program bootstrap"),
    ("provided.al2023", "any", {"dist/bootstrap": ARM}, "EF-CODE-BOOTSTRAP", "move dist/bootstrap there"),
    ("provided.al2023", "any", {"bootstrap": "echo hello\n"}, "EF-CODE-BOOTSTRAP", "first line such as #!/bin/sh"),
    ("provided.al2023", "any", {"bootstrap": "#!/bin/sh\r\nexit\r\n"}, "EF-CODE-BOOTSTRAP", "as on Windows"),
    ("provided.al2023", "any", {"bootstrap": b""}, "EF-CODE-BOOTSTRAP", "neither a program for Linux nor a script"),
    ("provided.al2023", "any", {"bootstrap": INTEL}, "EF-CODE-ARCHITECTURE", "architecture='x86_64'"),
    ("provided.al2023", "any", {"bootstrap": elf(0x15, "big")}, "EF-CODE-ARCHITECTURE", "built for machine 21"),
    ("nodejs24.x", "handler", {"index.js": ""}, "EF-CODE-HANDLER", "module.export"),
    ("nodejs24.x", "indx.handler", {"index.js": "", "node_modules/indx.js": ""}, "EF-CODE-MODULE", "did you mean index.js?"),
    ("nodejs24.x", "index.handler", {"index.ts": "export const handler = 1"}, "EF-CODE-MODULE", "compile it first"),
    (
        "nodejs24.x",
        "index.handle",
        {"index.js": "exports.handler = 1; exports.other = 2"},
        "EF-CODE-HANDLER",
        "did you mean handler?",
    ),
    ("nodejs24.x", "index.run", {"index.mjs": "export async function handler() {}"}, "EF-CODE-HANDLER", "it exports handler"),
    ("nodejs24.x", "index.run", {"index.js": ""}, "EF-CODE-HANDLER", "it exports nothing"),
    ("ruby3.4", "function", {"function.rb": ""}, "EF-CODE-HANDLER", "file.method"),
    ("ruby3.4", "app.handler", {"function.rb": ""}, "EF-CODE-MODULE", "has no app.rb"),
    ("ruby3.4", "function.handle", {"function.rb": "def handler(event:, context:) end"}, "EF-CODE-HANDLER", "did you mean handler?"),
    ("java25", "shop/Orders", {"shop/Orders.class": b""}, "EF-CODE-HANDLER", "package.Class"),
    ("java25", "shop.Order::handle", {"shop/Orders.class": b""}, "EF-CODE-MODULE", "did you mean shop/Orders.class?"),
    ("dotnet10", "Shop::Handle", {"Shop.dll": b""}, "EF-CODE-HANDLER", "Assembly::Type::Method"),
    ("dotnet10", "Shpo::Shop.Orders::Handle", {"Shop.dll": b""}, "EF-CODE-MODULE", "did you mean Shop.dll?"),
    ("python3.14", "handler", {"app.py": ""}, "EF-CODE-HANDLER", "module.function"),
    ("python3.14", "main.handler", {"app.py": ""}, "EF-CODE-MODULE", "app"),
]


@pytest.mark.parametrize(("runtime", "handler", "files", "code", "said"), BAD)
def test_what_it_does_not_find_is_refused_with_what_to_do(made, runtime, handler, files, code, said):
    (problem,) = problems(made(files), runtime, handler)
    assert problem.code == code
    assert said in str(problem)


def test_a_bootstrap_must_be_executable(made):
    (problem,) = problems(made({"bootstrap": ARM}, executable=False), "provided.al2023")
    assert problem.code == "EF-CODE-BOOTSTRAP"
    assert "chmod +x" in problem.fix


def test_a_zip_without_modes_as_windows_makes_them_is_not_executable_in_lambda(tmp_path):
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("bootstrap", ARM)
        archive.getinfo("bootstrap").external_attr = 0
    (problem,) = problems(tmp_path / "code.zip", "provided.al2023")
    assert problem.code == "EF-CODE-BOOTSTRAP"


@pytest.mark.parametrize(("runtime", "handler"), [("provided.al2023", "any"), ("nodejs24.x", "index.handler")])
def test_what_is_not_in_the_code_may_come_by_a_layer(made, runtime, handler):
    assert problems(made({"data.txt": ""}), runtime, handler, layered=True) == []


def test_a_bootstrap_of_ones_own_is_looked_at_though_there_are_layers(made):
    (problem,) = problems(made({"bootstrap": INTEL}), "provided.al2023", layered=True)
    assert problem.code == "EF-CODE-ARCHITECTURE"


def test_the_same_program_is_right_for_the_other_architecture(made):
    assert problems(made({"bootstrap": INTEL}), "provided.al2023", architecture="x86_64") == []


def test_code_that_is_not_there_names_what_is(tmp_path):
    (tmp_path / "greeter").mkdir()
    (problem,) = problems(tmp_path / "greter", "provided.al2023")
    assert problem.code == "EF-CODE-FOLDER"
    assert "greeter" in problem.fix


def test_a_file_that_is_no_zip_is_refused(tmp_path):
    (tmp_path / "index.js").write_text("exports.handler = 1")
    (problem,) = problems(tmp_path / "index.js", "nodejs24.x")
    assert problem.code == "EF-CODE-ZIP"


def test_a_runtime_that_is_not_known_is_not_judged(made):
    assert problems(made({"data.txt": ""}), "cobol1.x") == []


@pytest.mark.parametrize(("size", "codes"), [(UNZIPPED_LIMIT, []), (UNZIPPED_LIMIT + 1, ["EF-CODE-SIZE"])])
def test_250_mb_unzipped_is_the_limit(tmp_path, size, codes):
    assert [problem.code for problem in size_problems(size)] == codes
    with (tmp_path / "bootstrap").open("wb") as file:
        file.write(ARM)
        file.truncate(size)  # a hole: it takes no room on the disk
    (tmp_path / "bootstrap").chmod(0o755)
    assert [problem.code for problem in problems(tmp_path, "provided.al2023")] == codes


@pytest.mark.parametrize(
    ("start", "machine"), [(ARM, "arm64"), (INTEL, "x86_64"), (ARM[:19], None), (b"#!/bin/sh", None), (b"", None)]
)
def test_the_machine_stands_in_the_first_twenty_bytes(start, machine):
    assert machine_of(start) == machine
