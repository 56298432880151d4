"""The network's simulation: the same every time, no order lost, and shops that fail only cost time."""

from __future__ import annotations

from dataclasses import replace

from bench.bench_network import simulated


def test_a_run_is_the_same_every_time_and_failing_shops_lose_no_order() -> None:
    told = [simulated(0.8, failing=share, days=(0.0, 0.1), size=50) for share in (0.0, 0.0, 0.5)]
    calm, again, failing = (replace(one, route_us=0.0) for one in told)

    assert calm == again
    assert [0, 0] == [calm.unplaced, failing.unplaced]
    assert 0 == calm.moved < failing.moved
    assert calm.p90_h < failing.p90_h
