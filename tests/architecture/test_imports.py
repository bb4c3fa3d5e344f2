"""Who may import what: the contracts of ``.importlinter``, and what they cannot say."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "src" / "faceward"
MODULES = sorted(PACKAGE.rglob("*.py"))

PURE = {
    "__future__", "abc", "bisect", "collections", "dataclasses", "enum", "fractions", "functools", "heapq",
    "itertools", "math", "operator", "statistics", "string", "types", "typing",
}  # fmt: skip
IMPURE_CALLS = {"open", "print", "input", "exec", "eval", "compile", "__import__", "breakpoint"}
IMPURE_NUMPY = {
    "load",
    "save",
    "savez",
    "savez_compressed",
    "loadtxt",
    "savetxt",
    "fromfile",
    "memmap",
    "genfromtxt",
}

# The folders and modules that may know each technology.
HOMES = {
    "PIL": ("adapters/codec", "adapters/drawing"),
    "simplejpeg": ("adapters/codec/jpeg.py",),
    "pillow_heif": ("adapters/codec/heic.py",),
    "onnx": ("adapters/model_source",),
    "google": ("adapters/model_source",),  # protobuf, for the errors of onnx
    "openvino": ("adapters/runtime/openvino.py",),
    "onnxruntime": ("adapters/runtime/onnx_runtime.py",),
    "cryptography": ("adapters/sealing", "adapters/keyring", "adapters/vault", "transparency/signatures.py"),
    "cedarpy": ("adapters/policy_engine",),
    "psycopg": ("adapters/ledger/postgres.py", "adapters/ledger/postgres_connection.py"),
    "sqlalchemy": ("adapters/gallery_store",),
    "alembic": ("adapters/gallery_store/migrations",),
    "faiss": ("adapters/vector_index",),
    "litestar": ("api", "server"),
    "msgspec": ("api",),
    "multipart": ("api/uploads.py",),
    "granian": ("server/running.py",),
    "prometheus_client": ("server/observing.py",),
    "httpx": ("client/clients.py",),
    "rich": ("cli",),
    "numpy": (
        "core", "evaluation", "ports", "recognition", "adapters", "cli", "testing",
        "operations/enrolment.py", "operations/holding.py", "operations/identification.py",
    ),
}  # fmt: skip

LOADED_WHOLE = {
    "adapters/gallery_store": {"numpy", "sqlalchemy", "alembic"},
    "api": {"litestar", "msgspec", "multipart"},
    "server": {"litestar", "prometheus_client"},
    "client": {"httpx"},
    "wiring/serving": set[str](),
}
"""What is imported only when it is used, and then with its technology."""


def loaded_whole(place: str) -> set[str] | None:
    """What loads with a module or package at a place; ``None`` where nothing may."""
    place = place.removesuffix(".py")
    return next((it for top, it in LOADED_WHOLE.items() if place == top or place.startswith(top + "/")), None)


@cache
def tree(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def name(module: Path) -> str:
    return module.relative_to(PACKAGE).as_posix()


def lies_in(module: Path, places: tuple[str, ...]) -> bool:
    return any(name(module) == place or name(module).startswith(place + "/") for place in places)


def imported(node: ast.AST) -> list[str]:
    """The modules that a statement imports, in full."""
    if isinstance(node, ast.Import):
        return [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        assert not node.level, "relative imports hide who is meant"
        module = node.module or ""
        return [f"{module}.{alias.name}" for alias in node.names] if module == "faceward" else [module]
    return []


def third_party(node: ast.AST) -> list[str]:
    tops = [module.split(".")[0] for module in imported(node)]
    return [top for top in tops if top not in sys.stdlib_module_names and top != "faceward"]


def run_at_import(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run when a module is imported: none in a function or for the type checker."""
    for statement in body:
        if isinstance(statement, ast.If) and "TYPE_CHECKING" in ast.dump(statement.test):
            yield from run_at_import(statement.orelse)
        elif not isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
            yield statement
            for block in ("body", "orelse", "finalbody"):
                yield from run_at_import(getattr(statement, block, []))


def test_imports_look_down():
    """The contracts of ``.importlinter`` hold."""
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "module", [module for module in MODULES if lies_in(module, ("core", "evaluation"))], ids=name
)
def test_the_middle_is_pure(module: Path):
    """Core and evaluation know numpy, pure modules and each other; no files, clock, chance or output."""
    for node in ast.walk(tree(module)):
        for target in imported(node):
            top, *rest = target.split(".")
            if top == "faceward":
                assert rest[0] in ("core", "evaluation", "errors"), target
            else:
                assert top in PURE or top == "numpy", target
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            assert node.func.id not in IMPURE_CALLS, f"line {node.lineno}"
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "np":
            assert node.attr not in IMPURE_NUMPY, f"line {node.lineno}"
        if isinstance(node, ast.Attribute) and ast.unparse(node).startswith("np.random."):
            assert node.attr in ("Generator", "default_rng", "SeedSequence"), f"line {node.lineno}"
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "np.random.default_rng":
            assert node.args, f"line {node.lineno}: chance without a seed"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_technology_stays_in_its_adapter(module: Path):
    """Who swaps an adapter has one place to look at; a technology nobody listed has no place at all."""
    for node in ast.walk(tree(module)):
        for top in third_party(node):
            assert lies_in(module, HOMES.get(top, ())), f"line {node.lineno} imports {top}"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_technology_loads_when_it_is_used(module: Path):
    """Importing a module costs numpy at most: the rest is imported inside functions.

    What is built of a technology's own classes, as tables and routes are, lies in a package that is loaded
    whole, and that nobody else imports but inside functions.
    """
    for node in run_at_import(tree(module).body):
        whole = loaded_whole(name(module))
        if whole is not None:
            assert set(third_party(node)) <= whole, f"line {node.lineno}"
            continue
        assert set(third_party(node)) <= {"numpy"}, f"line {node.lineno}"
        for target in imported(node):
            place = target.removeprefix("faceward.").replace(".", "/")
            assert loaded_whole(place) is None, f"line {node.lineno} loads {target}"


@pytest.mark.parametrize("module", MODULES, ids=name)
def test_only_the_settings_read_the_environment(module: Path):
    """An installation is set up in one place, and anyone can see what it reads."""
    if name(module) == "settings.py":
        return
    for node in ast.walk(tree(module)):
        words = {getattr(node, "attr", None), getattr(node, "id", None)}
        words |= {alias.name for alias in getattr(node, "names", []) if isinstance(alias, ast.alias)}
        assert not words & {"environ", "environb", "getenv"}, f"line {node.lineno}"


def loaded_by(program: str) -> set[str]:
    """The top names of the modules that a program has loaded beyond the interpreter's own."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; before = set(sys.modules); {program}; "
         "print(*sorted({name.split('.')[0] for name in set(sys.modules) - before}))"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return set(done.stdout.split())


def test_importing_faceward_loads_nothing_else():
    """Not even numpy: tools that only ask for the version must not wait."""
    loaded = loaded_by("import faceward; faceward.__version__")
    assert "faceward" in loaded
    assert not {module for module in loaded if module not in sys.stdlib_module_names} - {"faceward"}


def test_naming_the_public_names_loads_numpy_and_no_runtime():
    """What runs networks and opens photos loads with the first engine."""
    loaded = loaded_by("from faceward import Comparison, Detection, Engine, Face")
    assert {module for module in loaded if module not in sys.stdlib_module_names} <= {"faceward", "numpy"}


def test_the_public_names_are_those_it_promises():
    """Nothing more, nothing less, and a name that is not there is an ordinary error."""
    import faceward

    for public in faceward.__all__:
        assert getattr(faceward, public) is not None
    with pytest.raises(AttributeError, match="nothing"):
        faceward.nothing  # noqa: B018 - reading it is the test
