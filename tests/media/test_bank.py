from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.media.bank import FrameBank

RATE = 8000
WIDTH = 160


def frames(*values):
    return np.repeat(np.array(values, np.int16)[:, None], WIDTH, axis=1)


def push(bank, lanes, *values):
    return bank.push(np.array(lanes, np.intp), frames(*values)).tolist()


@pytest.fixture
def bank():
    bank = FrameBank(RATE, capacity=4, depth=3)
    for _ in range(3):
        bank.open()
    return bank


def test_frames_come_out_in_the_order_they_went_in(bank):
    push(bank, [2, 0], 20, 1)
    push(bank, [2], 21)

    assert bank.count.tolist() == [1, 0, 2, 0]
    assert bank.pop()[:, 0].tolist() == [1, 0, 20, 0]
    assert bank.pop()[:, -1].tolist() == [0, 0, 21, 0]
    assert not bank.pop().any()
    assert bank.pushed.tolist() == [1, 0, 2, 0]
    assert bank.popped.tolist() == [1, 0, 2, 0]


def test_a_full_lane_takes_nothing_and_says_so(bank):
    for value in (1, 2, 3):
        assert push(bank, [0], value) == []

    assert push(bank, [1, 0, 2], 5, 4, 6) == [1]
    assert bank.count.tolist() == [3, 1, 1, 0]
    assert [int(bank.pop()[0, 0]) for _ in range(4)] == [1, 2, 3, 0]


def test_a_lane_may_occur_several_times_in_one_push(bank):
    refused = push(bank, [1, 0, 1, 1, 1], 10, 1, 11, 12, 13)

    assert refused == [4]
    assert [bank.pop()[:2, 0].tolist() for _ in range(3)] == [[1, 10], [0, 11], [0, 12]]


def test_a_push_of_nothing_changes_nothing(bank):
    assert bank.push(np.empty(0, np.intp), np.empty((0, WIDTH), np.int16)).tolist() == []
    assert not bank.count.any()


def test_an_underrun_is_counted_once_when_a_playing_lane_runs_dry(bank):
    push(bank, [0], 1)

    for _ in range(3):
        bank.pop()

    assert bank.underruns.tolist() == [1, 0, 0, 0]


def test_a_streak_ends_when_the_lane_is_found_empty(bank):
    push(bank, [0, 0], 1, 2)

    streaks = []
    for _ in range(3):
        bank.pop()
        streaks.append(int(bank.streak[0]))

    assert streaks == [1, 2, 0]


def test_a_muted_lane_goes_on_in_silence(bank):
    push(bank, [0, 0], 1, 2)
    bank.muted[0] = True

    assert bank.pop()[0, 0] == 0
    bank.muted[0] = False
    assert bank.pop()[0, 0] == 2
    assert bank.popped[0] == 2


def test_clear_empties_one_lane_and_tells_how_much(bank):
    push(bank, [0, 0, 1], 1, 2, 3)

    assert bank.clear(0) == 2
    assert bank.clear(0) == 0
    assert bank.count.tolist() == [0, 1, 0, 0]
    push(bank, [0], 9)
    assert bank.pop()[:2, 0].tolist() == [9, 3]


def test_drop_takes_the_oldest_and_no_more_than_there_are(bank):
    push(bank, [0, 0, 0, 1], 1, 2, 3, 4)

    lost = bank.drop(np.array([0, 1, 2]), 2)

    assert lost.tolist() == [2, 1, 0]
    assert bank.dropped.tolist() == [2, 1, 0, 0]
    assert bank.pop()[:2, 0].tolist() == [3, 0]


def test_drop_takes_a_number_for_each_lane(bank):
    push(bank, [0, 0, 1, 1], 1, 2, 3, 4)

    bank.drop(np.array([1, 0]), np.array([0, 1]))

    assert bank.pop()[:2, 0].tolist() == [2, 3]


def test_peek_leaves_the_frame_where_it_is(bank):
    push(bank, [0, 2], 1, 2)

    assert bank.peek(np.array([2, 0]))[:, 0].tolist() == [2, 1]
    assert bank.pop()[:, 0].tolist() == [1, 0, 2, 0]


def test_a_closed_lane_is_reused_without_a_trace(bank):
    push(bank, [1, 1], 1, 2)
    bank.pop()
    bank.muted[1] = True
    bank.close(1)

    assert bank.open() == 1
    assert bank.count[1] == bank.streak[1] == bank.pushed[1] == bank.popped[1] == 0
    assert not bank.muted[1]
    assert bank.pop()[1, 0] == 0


def test_a_lane_cannot_be_closed_twice(bank):
    bank.close(1)

    with pytest.raises(ValueError, match="not open"):
        bank.close(1)


def test_growing_keeps_what_is_queued_and_tells_of_new_arrays(bank):
    push(bank, [0, 0, 1], 1, 2, 3)
    bank.pop()
    push(bank, [0, 0], 4, 5)

    lanes = [bank.open(), bank.open()]

    assert lanes == [3, 4]
    assert (bank.capacity, bank.generation) == (8, 1)
    assert bank.pushed[:2].tolist() == [4, 1]
    push(bank, [4], 40)
    assert [bank.pop()[[0, 4], 0].tolist() for _ in range(3)] == [[2, 40], [4, 0], [5, 0]]


@given(
    st.lists(
        st.one_of(
            st.lists(st.integers(0, 4), min_size=1, max_size=8),
            st.just("pop"),
            st.just("open"),
        ),
        max_size=40,
    )
)
def test_a_bank_behaves_like_one_bounded_queue_per_lane(steps):
    bank = FrameBank(RATE, capacity=1, depth=3)
    model = {bank.open(): deque()}
    value = 0

    for step in steps:
        if step == "open":
            model[bank.open()] = deque()
        elif step == "pop":
            heard = {lane: queue.popleft() if queue else 0 for lane, queue in model.items()}
            popped = bank.pop()
            assert {lane: int(popped[lane, 0]) for lane in model} == heard
        else:
            lanes = [lane % len(model) for lane in step]
            values = range(value + 1, value + 1 + len(lanes))
            value += len(lanes)
            refused = []
            for position, (lane, one) in enumerate(zip(lanes, values, strict=True)):
                if len(model[lane]) < bank.depth:
                    model[lane].append(one)
                else:
                    refused.append(position)
            assert push(bank, lanes, *values) == refused
        assert bank.count[: len(model)].tolist() == [len(queue) for queue in model.values()]
