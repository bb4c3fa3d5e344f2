"""What every vector index promises: the hits of a comparison with everybody, at a revision that it names."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from faceward.adapters.vector_index import ExactIndex
from faceward.adapters.vector_index.exact import hits_of, scores_of
from faceward.adapters.vector_index.stretches import Stretch
from faceward.testing import MemoryVectorIndex

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


@pytest.fixture(params=[ExactIndex, MemoryVectorIndex], ids=lambda kind: kind.__name__)
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

    def test_an_update_removes_first_and_then_adds(self, index):
        names, other = loaded(index, drawn(4, 6)), drawn(1, 7)
        assert index.update("g", 1, 2, names[:2], names[:1], ["new"], other)
        revision, (hits,) = index.search("g", other, -1.0, 9)
        assert revision == index.revision("g") == 2
        assert (hits[0].reference, hits[0].subject) == (names[0], "new")
        assert {it.reference for it in hits} == {names[0], *names[2:]}

    def test_of_those_who_lead_from_one_revision_only_one_does(self, index):
        loaded(index, drawn(3, 12), revision=0)
        rows = drawn(8, 13)

        def lead(at: int) -> bool:
            return index.update("g", 0, at + 1, [], [name(99 + at)], ["x"], rows[at : at + 1])

        with ThreadPoolExecutor(8) as pool:
            did = list(pool.map(lead, range(8)))
        assert did.count(True) == 1
        assert index.revision("g") == did.index(True) + 1
        assert len(got(index, rows[0], -1.0, 99)) == 4

    def test_a_gallery_loaded_and_dropped_under_searches_is_whole_or_absent(self, index):
        rows, over = drawn(200, 14), threading.Event()

        def search() -> None:
            while not over.is_set():
                try:
                    revision, (hits,) = index.search("g", rows[:1], -2.0, 500)
                except KeyError:
                    continue
                assert len(hits) == revision

        with ThreadPoolExecutor(3) as pool:
            running = [pool.submit(search) for _ in range(3)]
            for size in range(1, 120):
                loaded(index, rows[:size], revision=size)
                if size % 4 == 0:
                    index.drop("g")
            over.set()
            for it in running:
                it.result(60)

    def test_rows_added_while_somebody_scans_crowd_out_nobody(self):
        """They are nearer than all that the scan is about, and lie where it looks; it must not see them."""
        probe, rows = drawn(1, 3), drawn(300, 4)
        stretch = Stretch(900, LENGTH)
        names = [name(it) for it in range(900)]
        stretch.add(names[:300], names[:300], rows)
        stretch.add(names[300:], names[300:], np.repeat(probe, 600, axis=0))
        for count in (1, 20, 300):
            (hits,) = hits_of([(stretch, count)], probe, -1.0, 5)
            assert [(it.reference, it.comparison_score) for it in hits] == expected(
                names[:count], rows[:count], probe[0], -1.0, 5
            )

    def test_what_is_removed_is_overwritten_in_both_arrays(self):
        stretch = Stretch(10, LENGTH)
        stretch.add([name(1), name(2)], ["a", "b"], drawn(2, 1))
        assert stretch.remove(0) == name(2)
        assert not stretch.halves[1:].any()
        assert not stretch.singles[1:].any()
        stretch.erase()
        assert not stretch.halves.any()
        assert not stretch.singles.any()


class TestExactness:
    @settings(max_examples=60, deadline=None)
    @given(data=st.data(), seed=st.integers(0, 2**32 - 2))
    def test_whatever_is_done_to_it_it_finds_what_comparing_everything_finds(self, data, seed):
        """With duplicates, rows less than a step of fp16 apart, thresholds that are scores of the gallery."""
        length = data.draw(st.sampled_from([1, 3, 16, 128]))
        pool = drawn(6, seed, length)
        noise = np.random.default_rng(seed).normal(0, 2e-5, (120, length))
        rows = pool[np.arange(120) % 6] + noise
        rows[::3] = pool[np.arange(40) % 6]
        rows = unit(rows)
        exact, plain, revision = ExactIndex(), MemoryVectorIndex(), 1
        held = set(range(data.draw(st.integers(0, 60))))
        for it in (exact, plain):
            loaded(it, rows[: len(held)])
        for _ in range(data.draw(st.integers(0, 4))):
            gone = data.draw(st.lists(st.sampled_from(sorted(held) or [119]), unique=True, max_size=20))
            added = data.draw(st.lists(st.integers(0, 119), unique=True, max_size=60))
            names = [[name(number) for number in each] for each in (gone, added)]
            for it in (exact, plain):
                assert it.update("g", revision, revision + 1, *names, names[1], rows[added])
            held, revision = held - set(gone) | set(added), revision + 1
        probes = np.concatenate([pool[:2], drawn(1, seed + 1, length)])
        most = data.draw(st.sampled_from([1, 2, 10, 200]))
        everything = plain.search("g", probes, -2.0, 200)[1][0]
        middle = [it.comparison_score for it in everything[len(everything) // 2 :][:1]]
        for threshold in (-2.0, 0.99, *middle):
            asked = ("g", probes, threshold, most)
            assert exact.search(*asked) == plain.search(*asked)
