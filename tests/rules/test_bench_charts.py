"""The bench of charts: what it measures, how it judges, and that it says when there is nothing to compare with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import bench_charts
from tests.bench_charts import POINTS, days, main, numbers, table


def test_the_series_are_the_same_each_time_and_of_every_kind() -> None:
    assert numbers(100) == numbers(100)
    assert {len(values) for values in numbers(100)} == {POINTS} == {len(set(days()))}
    assert len({tuple(values) for values in numbers(100)}) == 100


def test_the_table_says_how_many_times_longer_the_other_takes() -> None:
    assert "| 2,000 | 0.150 | 0.200 | 15.0 | 100 |" in table([(2000, 0.15, 0.2, 15.0)])
    assert "| 1 | 0.150 | 0.200 | not installed | |" in table([(1, 0.15, 0.2, None)])


@pytest.mark.parametrize(("ms", "code"), [(0.3, 0), (0.31, 1)])
def test_a_series_that_takes_too_long_is_told(
    ms: float, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bench_charts, "ours", lambda how_many: (ms, 0.2))
    monkeypatch.setattr(bench_charts, "ask_peer", lambda how_many: None)
    assert main(["--series", "1,100"]) == code
    assert ("More than 0.3 ms a series: 1 series, 100 series" in capsys.readouterr().out) is bool(code)


def test_it_reads_and_draws_every_series(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[int] = []
    monkeypatch.setattr(bench_charts, "PEER", Path("/nowhere/python"))
    monkeypatch.setattr(bench_charts, "milliseconds", lambda call, series: float(len(call()) / series / 10))
    monkeypatch.setattr(bench_charts, "ask_peer", asked.append)
    assert main(["--series", "3,7"]) == 0
    assert asked == [3, 7]
    assert "| 7 | 0.100 | 0.100 |" in capsys.readouterr().out


def test_without_the_other_package_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench_charts, "PEER", Path("/nowhere/python"))
    assert bench_charts.ask_peer(1) is None
