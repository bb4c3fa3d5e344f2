"""The tables of the reference pages are those of the code."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys
from dataclasses import fields
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest
from documents.pages import ROOT, read, table

import faceward
from faceward.adapters.codec import PhotoCodec
from faceward.catalogue import manifest
from faceward.catalogue.bundles import shipped
from faceward.cli.exits import Exit, exit_code
from faceward.core.detection import Selection
from faceward.core.quality import Component, QualityLimits
from faceward.errors import FacewardError
from faceward.ports.codec import ImageLimits
from faceward.settings import Settings

SETTINGS = "docs/reference/settings.md"
ERRORS = "docs/reference/errors.md"


def described(kind: type) -> dict[str, str]:
    """What the docstring of a value says of each of its attributes."""
    text = inspect.cleandoc(kind.__doc__ or "").split("Attributes:\n")[1]
    parts = re.split(r"(?m)^    (\w+): ", text)[1:]
    return {name: " ".join(words.split()) for name, words in zip(parts[::2], parts[1::2], strict=True)}


def every_error() -> list[type[FacewardError]]:
    """Every class of error, wherever it is defined."""
    for module in walk_packages(faceward.__path__, "faceward."):
        if not module.name.startswith(("faceward.cli", "faceward.testing")):
            import_module(module.name)

    def family(kind: type[FacewardError]) -> list[type[FacewardError]]:
        below = [it for it in kind.__subclasses__() if it.__module__.startswith("faceward.")]
        return [kind, *(one for child in below for one in family(child))]

    return family(FacewardError)


def code(words: str) -> str:
    return f"`{words}`"


def test_the_settings_table_has_every_setting_in_order():
    """Name, variable, default and meaning, as in the code."""
    rows = table(SETTINGS, "setting")
    meanings = described(Settings)
    assert [row["setting"] for row in rows] == [code(field.name) for field in fields(Settings)]
    for row, field in zip(rows, fields(Settings), strict=True):
        assert row["variable"] == code(f"FACEWARD_{field.name.upper()}")
        assert row["default"] == code(str(field.default) or "empty")
        assert row["meaning"] == meanings[field.name].replace("``", "`")


def test_every_setting_has_a_unit_that_its_meaning_names():
    """A number without a unit is a guess; a text is a name, a place or an entry."""
    meanings = described(Settings)
    for row, field in zip(table(SETTINGS, "setting"), fields(Settings), strict=True):
        if isinstance(field.default, int):
            assert row["unit"] in meanings[field.name].lower()
        else:
            assert row["unit"] in {"name", "folder", "file", "addresses", "catalogue entry"}


def test_the_settings_page_names_all_allowed_values():
    """Of the settings that allow only some."""
    text = read(SETTINGS)
    for name, allowed in (("precision", ("auto", "f32", "bf16")), ("runtime", ("openvino", "onnxruntime"))):
        for value in allowed:
            Settings(**{name: value})
            assert code(value) in text


def test_the_errors_table_has_every_error():
    """Class, code, parent, exit code, meaning and remedy, as in the code."""
    rows = {row["class"].strip("`"): row for row in table(ERRORS, "class")}
    kinds = every_error()
    assert set(rows) == {kind.__name__ for kind in kinds}
    for kind in kinds:
        row = rows[kind.__name__]
        assert row["code"] == code(kind.code)
        parent = kind.__mro__[1].__name__
        assert row["parent"] == (code(parent) if kind is not FacewardError else "—")
        assert int(row["exit code"]) == exit_code(kind("It broke."))
        assert row["meaning"] == (kind.__doc__ or "").splitlines()[0].replace("``", "`")
        assert row["remedy"] == kind.remedy


def test_the_readme_names_the_exit_codes():
    """Those that a script meets in the ordinary way."""
    named = {int(row["exit code"]) for row in table("README.md", "exit code")}
    assert named == {Exit.DONE, Exit.NON_MATCH, Exit.INPUT, Exit.REFUSED, Exit.DEPENDENCY}


def test_the_formats_are_those_of_the_codec():
    """All of them, and no other."""
    rows = table("docs/reference/image-formats.md", "format")
    assert [row["format"].lower() for row in rows] == list(PhotoCodec().formats)


def test_the_image_limits_are_those_of_the_code():
    """As numbers."""
    limits = {row["limit"]: row["default"] for row in table("docs/reference/image-formats.md", "limit")}
    defaults = ImageLimits()
    assert limits["size of the file"] == f"{defaults.max_bytes >> 20} MiB"
    assert limits["width × height"] == f"{defaults.max_pixels // 1_000_000} million pixels"
    assert limits["frames or pages"] == str(defaults.max_frames)
    assert limits["longest side"] == f"{defaults.max_side:,} px"


def test_the_manifest_page_explains_every_key():
    """Of embedders and of detectors, and no key that does not exist."""

    def keys(values: dict[str, object], above: str = "") -> set[str]:
        return {
            key
            for name, value in values.items()
            for key in (keys(value, f"{name}.") if isinstance(value, dict) else {above + name})
        }

    known = set().union(*(keys(manifest.as_json(entry)) for entry in shipped().manifests))
    explained = {
        key for row in table("docs/models.md", "key") for key in re.findall(r"`([^`]+)`", row["key"])
    }
    assert explained == known


def test_the_models_page_names_what_is_shipped():
    """Identifier, licence and whether commercial use is allowed."""
    rows = {row[""]: row for row in table("docs/reference/models.md", "")}
    for entry in shipped().manifests:
        name = code(entry.identifier)
        assert rows["licence"][name] == entry.licence.spdx
        assert rows["commercial use"][name] == ("yes" if entry.licence.commercial_use else "no")


def test_the_operating_points_are_those_of_the_tables():
    """Every row of every shipped table."""
    rows = table("docs/explanation/operating-points.md", "templates")
    shown = {tuple(row.values()) for row in rows}
    real = {
        (
            " with ".join(it.precisions), f"{point.false_match_rate:.0e}", f"{point.threshold:.4f}",
            f"{point.false_non_match_rate:.4f}", f"{point.false_matches:,}", str(point.standing),
        )
        for it in shipped().calibrations
        for point in it.points
    }  # fmt: skip
    assert shown == real


def test_the_drawing_of_operating_points_is_made_of_the_tables():
    """Run ``python -m benchmarks.plots`` after a new calibration."""
    program = "import sys; from benchmarks import plots; sys.stdout.write(plots.svg(plots.drawn_tables()))"
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, encoding="utf-8", check=True,
        env=os.environ | {"PYTHONUTF8": "1"},
    )  # fmt: skip
    drawing = ROOT / "docs" / "explanation" / "operating-points.svg"
    assert drawing.read_text(encoding="utf-8") == done.stdout


def test_the_precision_tables_are_those_of_the_tables():
    """On the page about precision, in the record about it, and in the README."""
    points = {" with ".join(it.precisions): it.at(1e-4) for it in shipped().calibrations}
    shown = {row["templates"]: row for row in table("docs/explanation/precision.md", "templates")}
    record = {
        row["templates"]: row
        for row in table("docs/decisions/0007-precision-in-the-contract.md", "templates")
    }
    for name, point in points.items():
        missed = f"{100 * point.false_non_match_rate:.2f} %"
        assert shown[name] == {
            "templates": name, "threshold": f"{point.threshold:.4f}", "false non-match rate": missed
        }  # fmt: skip
        assert record[name]["threshold"] == f"{point.threshold:.4f}"
        assert record[name]["FNMR"] == f"{point.false_non_match_rate:.4f}"[1:]
    readme = {row["figure"]: row for row in table("README.md", "figure")}
    for precision in ("bf16", "f32"):
        point = points[f"{precision} with {precision}"]
        assert readme["threshold at false match rate 1e-4"][precision] == f"{point.threshold:.4f}"
        missed = f"{100 * point.false_non_match_rate:.2f} %"
        assert readme["false non-match rate there"][precision] == missed


def test_the_quality_page_has_every_component_and_limit():
    """With the limits of the code."""
    rows = table("docs/explanation/quality.md", "component")
    named = [name for row in rows for name in re.findall(r"`(\w+)`", row["component"])]
    assert named == [str(component) for component in Component]
    text = " ".join(row["a finding when"] for row in rows)
    for field in fields(QualityLimits):
        limit = float(str(field.default))
        shapes = {f"{limit:g}", f"{limit:.2f}", f"{limit:.3f}", f"{limit:.0%}".replace("%", " %")}
        assert any(re.search(rf"(?<![\d.]){re.escape(shape)}(?![\d.])", text) for shape in shapes), field.name


def test_the_python_page_names_every_public_name():
    """And every selection."""
    text = read("docs/reference/python-api.md")
    for name in faceward.__all__:
        assert code(name) in text
    for which in Selection:
        assert f'`"{which}"`' in text


@pytest.mark.parametrize("folder", ["src", "benchmarks", "demo", "tests"])
def test_pages_that_the_code_names_exist(folder: str):
    """A remedy that leads nowhere is none."""
    named = {
        name
        for module in (ROOT / folder).rglob("*.py")
        if not any(part.startswith(".") for part in module.relative_to(ROOT).parts)
        for name in re.findall(r"\bdocs/[\w./-]+\.(?:md|svg)", module.read_text(encoding="utf-8"))
    }
    assert not {name for name in named if not Path(ROOT / name).is_file()}
