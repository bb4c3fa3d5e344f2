"""``faceward compare``: decisions with their evidence, and which templates may meet."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from data import photos

# Read here, for a command in a test sees no pack unless the test says so.
PACK = os.environ.get("FACEWARD_EVAL")


def test_one_person_in_changed_form_is_a_match(faceward, portrait, changed):
    """Smaller, darker, saved as JPEG: code 0, with threshold, rate, trials, standing and source."""
    run = faceward("compare", portrait, changed, "--json")
    assert run.code == 0
    document = run.document
    assert document["decision"] == "match"
    at = document["operating_point"]
    assert document["comparison_score"] > at["threshold"]
    assert document["comparison_score"] == round(document["comparison_score"], 3)
    assert at["false_match_rate"] == 1e-4
    assert at["standing"] in {"calibrated", "provisional"}
    assert at["non_mated_trials"] > 0
    assert at["report"]
    assert document["model"] == {"identifier": "sface-2021dec", "licence": "Apache-2.0"}
    assert document["probe"]["contract"]["precision"] == "f32"


def test_people_read_the_evidence_too(faceward, portrait, changed):
    run = faceward("compare", portrait, changed)
    for words in ("match", "threshold", "FMR 1e-04", "comparisons of different people", "licence Apache-2.0"):
        assert words in run.stdout


def test_quiet_leaves_the_licence_out(faceward, portrait):
    assert "licence" not in faceward("compare", portrait, portrait, "--quiet").stdout


def test_different_people_are_a_non_match(faceward):
    """Code 1, which is no error."""
    if not PACK:
        pytest.skip("FACEWARD_EVAL is not set")
    demo = Path(PACK) / "demo"
    run = faceward("compare", demo / "obama.jpg", demo / "biden.jpg", "--json")
    assert (run.code, run.document["decision"]) == (1, "non-match")
    assert not run.stderr
    assert faceward("compare", demo / "obama.jpg", demo / "obama2.jpg").code == 0


def test_a_portrait_and_a_drawn_face_are_a_non_match(faceward, tmp_path, portrait):
    from faceward.adapters.drawing.synthetic import drawn_photo

    path = tmp_path / "drawn.jpg"
    path.write_bytes(drawn_photo(512))
    assert faceward("compare", portrait, path).code == 1


def test_a_larger_rate_has_a_lower_threshold(faceward, portrait, changed):
    at = [
        faceward("compare", portrait, changed, "--fmr", rate, "--json").document["operating_point"]
        for rate in ("1e-2", "1e-4")
    ]
    assert at[0]["threshold"] < at[1]["threshold"]


@pytest.mark.parametrize(
    ("rate", "code"),
    [
        ("1e-9", "operating_point_unsupported"),
        ("2", "value_invalid"),
        ("nan", "value_invalid"),
        ("often", "value_invalid"),
    ],
)
def test_a_rate_without_evidence_is_refused(faceward, portrait, rate, code):
    """Nothing is extrapolated; the caller asks for another rate, so it is code 2."""
    run = faceward("compare", portrait, portrait, "--fmr", rate, "--json")
    assert (run.code, run.error["code"]) == (2, code)
    assert run.error["remedy"]


def test_the_error_says_which_of_the_two(faceward, portrait, nobody):
    run = faceward("compare", portrait, nobody, "--json")
    assert (run.code, run.error["code"], run.error["path"]) == (2, "no_face", str(nobody))


def test_a_poor_photo_is_cautioned_against(faceward, tmp_path, portrait):
    path = tmp_path / "small.png"
    photos.portrait().resize((200, 200)).save(path)
    run = faceward("compare", portrait, path)
    assert "caution" in run.stdout
    assert "small.png" in run.stdout
    assert not faceward("compare", portrait, path, "--json").document["reference"]["face"]["usable"]


def test_a_missing_device_is_the_operators_matter(faceward, portrait):
    """Code 4, and never another device instead."""
    run = faceward("compare", portrait, portrait, "--device", "abacus", "--json")
    assert (run.code, run.error["code"]) == (4, "device_missing")


class TestTemplateFiles:
    @pytest.fixture
    def sealed(self, faceward, tmp_path, portrait, key):
        path = tmp_path / "a.fwt"
        assert faceward("embed", portrait, "-o", path, "--recipient", f"{key}.pub").code == 0
        return path

    def test_a_sealed_template_stands_in_for_a_photo(self, faceward, sealed, changed, key):
        run = faceward("compare", sealed, changed, "--key-file", f"{key}.key", "--json")
        assert (run.code, run.document["decision"]) == (0, "match")
        assert "face" not in run.document["probe"]
        assert "face" in run.document["reference"]

    def test_two_templates_give_the_score_of_their_photos(self, faceward, sealed, portrait, changed, key):
        other = sealed.with_name("b.fwt")
        faceward("embed", changed, "-o", other, "--recipient", f"{key}.pub")
        sealed_score = faceward("compare", sealed, other, "--key-file", f"{key}.key", "--json").document
        assert sealed_score["comparison_score"] == pytest.approx(
            faceward("compare", portrait, changed, "--json").document["comparison_score"], abs=0.001
        )

    def test_without_the_key_it_stays_closed(self, faceward, sealed, portrait):
        run = faceward("compare", sealed, portrait, "--json")
        assert run.code == 2
        assert "--key-file" in run.error["remedy"]

    def test_a_key_that_others_can_read_is_not_used(self, faceward, sealed, portrait, key, tmp_path):
        open_key = tmp_path / "open.key"
        open_key.write_bytes(Path(f"{key}.key").read_bytes())
        open_key.chmod(0o644)
        run = faceward("compare", sealed, portrait, "--key-file", open_key)
        assert run.code == 2
        assert "chmod 600" in run.stderr

    def test_precisions_meet_only_where_that_was_measured(self, faceward, sealed, portrait, tmp_path, key):
        """The pair's own table decides; an arithmetic that nobody measured is refused with the remedy."""
        from faceward import wiring
        from faceward.adapters.sealing import HpkeSealing
        from faceward.core.values import Template
        from faceward.settings import Settings

        sealing = HpkeSealing()
        template = sealing.opened(sealed.read_bytes(), Path(f"{key}.key").read_bytes())
        for precision in ("bf16", "f16"):
            contract = replaced(template.contract, precision=precision)
            other = tmp_path / f"{precision}.fwt"
            other.write_bytes(sealing.unprotected(Template(template.features, contract)))
            run = faceward("compare", sealed, other, "--key-file", f"{key}.key", "--json")
            tables = wiring.catalogue(Settings(models_dir=str(tmp_path / "none"))).calibrations
            if any(table.precisions == tuple(sorted(("f32", precision))) for table in tables):
                assert run.code == 0
                assert "--against" in run.document["operating_point"]["report"]
            else:
                assert (run.code, run.error["code"]) == (2, "contract_mismatch")
                assert run.error["remedy"]

    @pytest.mark.parametrize("change", [{"preprocessing": "other"}, {"model_sha256": "0" * 64}])
    def test_templates_of_another_make_are_refused(self, faceward, sealed, key, tmp_path, change):
        from faceward.adapters.sealing import HpkeSealing
        from faceward.core.values import Template

        sealing = HpkeSealing()
        template = sealing.opened(sealed.read_bytes(), Path(f"{key}.key").read_bytes())
        changed = Template(template.features, replaced(template.contract, **change))
        other = tmp_path / "other.fwt"
        other.write_bytes(sealing.unprotected(changed))
        run = faceward("compare", sealed, other, "--key-file", f"{key}.key", "--json")
        assert (run.code, run.error["code"]) == (2, "contract_mismatch")
        # Two that agree with each other and not with the catalogue are refused as well.
        run = faceward("compare", other, other, "--json")
        assert run.code == 2
        assert run.error["code"] in {"contract_mismatch", "operating_point_unsupported"}


def replaced(contract, **changes):
    from dataclasses import replace

    return replace(contract, **changes)
