"""How fast a client may talk, and how much nonsense."""

from app.live.conduct import OFFENCES, Conduct


def test_each_second_has_its_own_allowance() -> None:
    conduct = Conduct(messages_per_second=3)

    allowed = [conduct.may_talk(at) for at in (5.0, 5.1, 5.2, 5.3, 6.0)]

    assert allowed == [True, True, True, False, True]


def test_offences_are_too_many_only_within_ten_seconds() -> None:
    slow, fast = Conduct(100), Conduct(100)

    assert not any(slow.offend(at) for at in range(3 * OFFENCES))
    assert [fast.offend(at / 2) for at in range(OFFENCES)] == [False] * (OFFENCES - 1) + [True]


def test_a_rare_error_is_told_once_in_its_time_and_apart_from_others() -> None:
    conduct = Conduct(100)

    told = [conduct.may_be_told("a", at, 1) for at in (0.0, 0.9, 1.0, 1.5, 2.1)]

    assert told == [True, False, True, False, True]
    assert conduct.may_be_told("b", 2.1, 1)
