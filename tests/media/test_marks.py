import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.marks import Marks, Released


@pytest.fixture
def marks():
    return Marks()


def test_a_mark_waits_for_both_counts(marks):
    marks.add("a", frames=2, samples=100)

    marks.reach(frames=2, samples=99, played_ms=1)
    marks.reach(frames=1, samples=100, played_ms=2)
    assert marks.collect() == []
    assert len(marks) == 1

    marks.reach(frames=2, samples=100, played_ms=3)
    assert marks.collect() == [Released("a", 3)]
    assert len(marks) == 0


def test_a_mark_is_collected_once(marks):
    marks.add("a", frames=0, samples=0)
    marks.reach(frames=0, samples=0, played_ms=0)

    assert marks.collect() == [Released("a", 0)]
    assert marks.collect() == []


def test_clear_returns_the_waiting_and_keeps_the_released(marks):
    marks.add("a", frames=0, samples=1)
    marks.add("b", frames=0, samples=2)
    marks.reach(frames=0, samples=1, played_ms=5)

    assert marks.clear() == ["b"]
    assert marks.collect() == [Released("a", 5)]
    assert len(marks) == 0


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5))), st.integers(0, 5))
def test_marks_are_released_in_the_order_they_were_set(points, reached):
    marks = Marks()
    for number, (frames, samples) in enumerate(points):
        marks.add(str(number), frames, samples)

    marks.reach(reached, reached, 0)
    released = [int(mark.name) for mark in marks.collect()]
    marks.reach(5, 5, 0)
    released += [int(mark.name) for mark in marks.collect()]

    assert released == list(range(len(points)))
