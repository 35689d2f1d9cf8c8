"""Which of several servers gets the next request: the least busy one that can be reached."""

from __future__ import annotations

from pytest_humaneval.providers.openai_api.replicas import FIRST_COOLDOWN_S, LONGEST_COOLDOWN_S, Replicas


class Clock:
    """A clock that a test sets."""

    now_s = 100.0

    def __call__(self) -> float:
        """Return the time in seconds."""
        return self.now_s


def test_the_one_with_the_fewest_in_flight_is_next() -> None:
    """A server that is busy with an earlier request is not the first choice."""
    replicas = Replicas(["a", "b"])

    with replicas.least_busy() as first:
        with replicas.least_busy() as second:
            assert {first.client, second.client} == {"a", "b"}
        with replicas.least_busy() as third:
            assert third.client == second.client


def test_a_server_that_cannot_be_reached_cools_down_and_is_tried_again() -> None:
    """It is left out for a second, then twice as long each time up to a limit; an answer resets that."""
    clock = Clock()
    replicas = Replicas(["dead", "alive"], clock)
    with replicas.least_busy() as dead:
        assert dead.client == "dead"

    cooldowns_s = []
    for _ in range(7):
        replicas.mark_unreachable(dead)
        cooldowns_s.append(dead.cooldown_until_s - clock.now_s)
        with replicas.least_busy() as other:
            assert other.client == "alive"
    clock.now_s = dead.cooldown_until_s
    with replicas.least_busy() as again:
        assert again.client == "dead"
    replicas.mark_answered(dead)
    replicas.mark_unreachable(dead)

    assert cooldowns_s == [FIRST_COOLDOWN_S, 2.0, 4.0, 8.0, 16.0, LONGEST_COOLDOWN_S, LONGEST_COOLDOWN_S]
    assert dead.cooldown_until_s - clock.now_s == FIRST_COOLDOWN_S


def test_where_all_cool_down_the_first_to_be_ready_is_used() -> None:
    """There is always a server for a request."""
    clock = Clock()
    replicas = Replicas(["a", "b"], clock)
    with replicas.least_busy() as a, replicas.least_busy() as b:
        replicas.mark_unreachable(a)
        clock.now_s += 0.5
        replicas.mark_unreachable(b)

    with replicas.least_busy() as next_one:
        assert next_one.client == "a"
