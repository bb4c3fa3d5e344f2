"""What every vector index promises: the hits of a comparison with everybody, at a revision that it names."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceward.adapters.vector_index import ExactIndex
from faceward.adapters.vector_index.exact import scores_of

LENGTH = 16


def unit(rows: np.ndarray) -> np.ndarray:
    rows = rows / np.maximum(np.linalg.norm(rows, axis=-1, keepdims=True), 1e-9)
    return rows.astype(np.float32)


def drawn(count: int, seed: int, length: int = LENGTH) -> np.ndarray:
    return unit(np.random.default_rng(seed).normal(size=(count, length)))


def name(number: int) -> str:
    return f"{number:032x}"


def loaded(index, features, revision: int = 1, gallery: str = "g"):
    names = [name(it) for it in range(len(features))]
    index.load(gallery, revision, names, [f"s{it % 7}" for it in range(len(features))], features)
    return names


def expected(names, features, probe, threshold: float, most: int) -> list[tuple[str, float]]:
    scores = scores_of(features, probe).astype(np.float64)
    reaching = [(names[row], float(score)) for row, score in enumerate(scores) if score >= threshold]
    return sorted(reaching, key=lambda it: (-it[1], it[0]))[:most]


def got(index, probe, threshold: float, most: int, gallery: str = "g") -> list[tuple[str, float]]:
    _, (hits,) = index.search(gallery, probe[None], threshold, most)
    return [(it.reference, it.comparison_score) for it in hits]


@pytest.fixture(params=[ExactIndex], ids=lambda kind: kind.__name__)
def index(request):
    return request.param()


class TestHolding:
    def test_a_gallery_that_was_never_loaded_is_not_held(self, index):
        assert index.revision("g") is None
        assert not index.update("g", 0, 1, [], [], [], np.empty((0, LENGTH), np.float32))
        with pytest.raises(KeyError):
            index.search("g", drawn(1, 0), 0.5, 10)

    def test_an_empty_gallery_gives_nobody(self, index):
        index.load("g", 3, [], [], np.empty((0, LENGTH), np.float32))
        assert index.search("g", drawn(2, 0), -1.0, 10) == (3, ((), ()))

    def test_loading_again_replaces_everything(self, index):
        loaded(index, drawn(20, 1))
        loaded(index, drawn(3, 2), revision=9)
        assert index.revision("g") == 9
        assert len(got(index, drawn(1, 3)[0], -1.0, 100)) == 3

    def test_galleries_know_nothing_of_each_other(self, index):
        loaded(index, drawn(5, 1), gallery="one")
        loaded(index, drawn(6, 2), gallery="two")
        index.drop("one")
        assert index.revision("one") is None
        assert len(got(index, drawn(1, 3)[0], -1.0, 100, "two")) == 6

    def test_memory_grows_with_what_is_held_and_goes_with_it(self, index):
        before = index.memory_bytes()
        loaded(index, drawn(500, 1))
        assert index.memory_bytes() >= before + 500 * LENGTH * 4
        index.drop("g")
        assert index.memory_bytes() == before


class TestSearching:
    @pytest.mark.parametrize("count", [1, 2, 31, 32, 33, 300, 2000])
    @pytest.mark.parametrize("threshold", [-1.0, 0.0, 0.3, 0.9, 1.1])
    def test_hits_are_those_of_a_comparison_with_everybody(self, index, count, threshold):
        """Scores of f32, best first, and no more than was asked for."""
        features = drawn(count, count)
        names = loaded(index, features)
        for probe in drawn(3, 77):
            for most in (1, 5, 5000):
                assert got(index, probe, threshold, most) == expected(names, features, probe, threshold, most)

    def test_ties_come_in_order_of_reference(self, index):
        features = np.repeat(drawn(1, 5), 50, axis=0)
        loaded(index, features)
        assert [it for it, _ in got(index, features[0], 0.5, 7)] == [name(it) for it in range(7)]

    @pytest.mark.parametrize("seed", range(20))
    def test_a_score_equal_to_the_threshold_is_a_hit(self, index, seed):
        """Though half precision would put it below: nobody is lost or won by how rows are scanned."""
        features = drawn(200, seed, 128)
        names = loaded(index, features)
        probe = drawn(1, 1000 + seed, 128)[0]
        for row in (0, 77, 199):
            threshold = float(scores_of(features[row][None], probe)[0])
            assert got(index, probe, threshold, 500) == expected(names, features, probe, threshold, 500)
            above = float(np.nextafter(threshold, 2.0))
            assert names[row] not in {it for it, _ in got(index, probe, above, 500)}

    def test_several_probes_are_searched_at_once(self, index):
        features = drawn(100, 1)
        names = loaded(index, features)
        probes = drawn(9, 2)
        _, hits = index.search("g", probes, 0.2, 10)
        for probe, found in zip(probes, hits, strict=True):
            assert [(it.reference, it.comparison_score) for it in found] == expected(
                names, features, probe, 0.2, 10
            )


class TestChanging:
    def test_only_the_next_difference_is_taken(self, index):
        loaded(index, drawn(5, 1), revision=4)
        nothing = ([], [], [], np.empty((0, LENGTH), np.float32))
        assert not index.update("g", 3, 5, *nothing)
        assert index.revision("g") == 4
        assert index.update("g", 4, 8, *nothing)
        assert index.revision("g") == 8

    @settings(max_examples=60)
    @given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), max_size=60))
    def test_any_changes_lead_to_the_gallery_that_they_say(self, steps):
        """Removed, added again, moved to another subject: what is held is what a list would hold."""
        index, revision = ExactIndex(), 1
        index.load("g", revision, [], [], np.empty((0, LENGTH), np.float32))
        kept: dict[str, tuple[str, np.ndarray]] = {}
        for step, (number, adds) in enumerate(steps):
            features = drawn(1, 100 * number + step)
            added = [name(number)] if adds else []
            if adds:
                kept[name(number)] = (f"s{step}", features[0])
            else:
                kept.pop(name(number), None)
            assert index.update(
                "g", revision, revision + 1, [] if adds else [name(number)], added,
                [f"s{step}"] * len(added), features[: len(added)],
            )  # fmt: skip
            revision += 1
        probe = drawn(1, 9)[0]
        _, (hits,) = index.search("g", probe[None], -1.0, 100)
        assert {(it.reference, it.subject) for it in hits} == {(key, who) for key, (who, _) in kept.items()}
        names, rows = list(kept), np.array([row for _, row in kept.values()]).reshape(-1, LENGTH)
        assert got(index, probe, 0.1, 100) == expected(names, rows, probe, 0.1, 100)

    def test_a_search_sees_a_gallery_before_or_after_a_change_and_never_half(self, index):
        """Each revision holds twenty templates of its own; whoever searches gets those of one revision."""
        batches = [drawn(20, 50 + it) for it in range(40)]
        probe, over = drawn(1, 3), threading.Event()
        index.load("g", 0, [name(it) for it in range(20)], ["0"] * 20, batches[0])
        wrong = []

        def search() -> int:
            count = 0
            while not over.is_set():
                revision, (hits,) = index.search("g", probe, -1.0, 100)
                if len(hits) != 20 or {it.subject for it in hits} != {str(revision)}:
                    wrong.append((revision, len(hits)))
                count += 1
            return count

        with ThreadPoolExecutor(3) as pool:
            running = [pool.submit(search) for _ in range(3)]
            for step in range(1, 40):
                old, new = (range(20 * (step - 1), 20 * step), range(20 * step, 20 * step + 20))
                assert index.update(
                    "g", step - 1, step, [name(it) for it in old], [name(it) for it in new],
                    [str(step)] * 20, batches[step],
                )  # fmt: skip
            over.set()
            assert sum(it.result() for it in running) > 0
        assert not wrong
