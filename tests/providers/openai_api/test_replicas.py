"""Who gets the next request: decided by what is in flight, and by who could be reached."""

from __future__ import annotations

from pytest_humaneval.providers.openai_api.replicas import FIRST_REST_S, LONGEST_REST_S, Replicas


class Clock:
    """Time that passes when it is told to."""

    now_s = 100.0

    def __call__(self) -> float:
        """Return the time."""
        return self.now_s


def test_the_one_with_the_fewest_in_flight_is_next() -> None:
    """Whoever is still busy with an earlier request waits."""
    replicas = Replicas(["a", "b"])

    with replicas.chosen() as first:
        with replicas.chosen() as second:
            assert {first.client, second.client} == {"a", "b"}
        with replicas.chosen() as third:
            assert third.client == second.client


def test_one_that_cannot_be_reached_rests_and_is_tried_again() -> None:
    """It is left out for a second, then for longer and longer, and no more once it has answered."""
    clock = Clock()
    replicas = Replicas(["dead", "alive"], clock)
    with replicas.chosen() as dead:
        assert dead.client == "dead"

    rests = []
    for _ in range(7):
        replicas.unreachable(dead)
        rests.append(dead.resting_until_s - clock.now_s)
        with replicas.chosen() as other:
            assert other.client == "alive"
    clock.now_s = dead.resting_until_s
    with replicas.chosen() as again:
        assert again.client == "dead"
    replicas.answered(dead)
    replicas.unreachable(dead)

    assert rests == [FIRST_REST_S, 2.0, 4.0, 8.0, 16.0, LONGEST_REST_S, LONGEST_REST_S]
    assert dead.resting_until_s - clock.now_s == FIRST_REST_S


def test_where_all_rest_the_first_to_wake_is_asked() -> None:
    """A request is never without a server to go to."""
    clock = Clock()
    replicas = Replicas(["a", "b"], clock)
    with replicas.chosen() as a, replicas.chosen() as b:
        replicas.unreachable(a)
        clock.now_s += 0.5
        replicas.unreachable(b)

    with replicas.chosen() as next_one:
        assert next_one.client == "a"
