"""Pasted moves: every way of writing one, what is refused with its line, and that no line goes lost."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.scenarios._moves import read_pasted


@pytest.mark.parametrize(
    ("line", "name", "move"),
    [
        ("NVDA -17%", "NVDA", -0.17),
        ("NVDA;-0,17", "NVDA", -0.17),
        ("NVDA\t-17.00%", "NVDA", -0.17),
        ("nvda -17 %", "NVDA", -0.17),
        ("NVDA: −17,5 %", "NVDA", -0.175),
        ("NVDA = +3.25%", "NVDA", 0.0325),
        ("NVDA, -0.17", "NVDA", -0.17),
        ("NVDA,-0,17", "NVDA", -0.17),
        ("NVDA\u00a0–17\u202f%", "NVDA", -0.17),
        ("NVDA (17%)", "NVDA", -0.17),
        ("NVDA | -.5%", "NVDA", -0.005),
        ("NVDA 1 050%", "NVDA", 10.5),
        ("NVDA +1,050.5%", "NVDA", 10.505),
        ("NVDA 1.050,5%", "NVDA", 10.505),
        ("NVDA -12.345%", "NVDA", -0.12345),
        ("KO 0", "KO", 0.0),
        ("KO 0.00%", "KO", 0.0),
        ("BRK-B 1.5%", "BRK-B", 0.015),
        ("005930.KS -3%", "005930.KS", -0.03),
        ("8035.T\t-0.1", "8035.T", -0.1),
        ("chips.memory -8%", "chips.memory", -0.08),
        ("Memory -8%", "chips.memory", -0.08),
        ("Foundation models -2 %", "foundation_models", -0.02),
    ],
)
def test_a_move_is_read_however_it_is_written(line: str, name: str, move: float) -> None:
    found = read_pasted(line)
    assert found.refused == ()
    assert found.moves == {name: pytest.approx(move, abs=1e-15)}


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("NVDA -17", "could be per cent or a fraction; write -17 % or -0.17"),
        ("ASML.AS 7", "could be per cent or a fraction; write 7 % or 0.07"),
        ("NVDA 1,5", "could be per cent or a fraction"),
        ("NVDA", "no move stands at its end"),
        ("NVDA down", "no move stands at its end"),
        ("NVDA-17%", "no move stands at its end"),
        ("-17% NVDA", "no move stands at its end"),
        ("NVDA\tNVIDIA\t-17%", "more than two columns"),
        ("NVDA 100 -17%", "more than one number"),
        ("700 -3%", "no name stands before the move"),
        ("NVDA -100%", "nothing falls by 100 % or more"),
        ("NVDA 1.2.3%", "is no number"),
        ("NVDA 1,2.3,4%", "is no number"),
        ("NVDA (17%", "parentheses do not close"),
        ("NVDA (-17%)", "parentheses do not close or have a sign"),
        ("NVDA 999999999%", "far outside"),
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused(line: str, why: str) -> None:
    found = read_pasted(f"\nKO 1%\n{line}\n")
    assert [(r.number, r.raw) for r in found.refused] == [(3, line)]
    assert why in found.refused[0].reason
    assert found.moves == {"KO": 0.01}


def test_a_paste_that_mixes_signs_and_none_is_refused_where_it_has_none() -> None:
    found = read_pasted("NVDA -17%\nAMD -0.5\nKO 0\n")
    assert found.moves == {"NVDA": -0.17, "KO": 0.0}
    assert [(r.number, r.raw) for r in found.refused] == [(2, "AMD -0.5")]
    assert "on every line or on none" in found.refused[0].reason


def test_a_name_given_twice_is_refused_with_the_line_of_the_first() -> None:
    found = read_pasted("NVDA -17%\nnvda -3%")
    assert (found.moves, found.refused[0].number) == ({"NVDA": -0.17}, 2)
    assert "line 1" in found.refused[0].reason


def test_a_heading_is_told_and_only_the_first_line_can_be_one() -> None:
    found = read_pasted("Ticker\tMove\nNVDA\t-17%\nTicker\tMove\n")
    assert (found.heading, found.moves) == ("Ticker\tMove", {"NVDA": -0.17})
    assert [r.number for r in found.refused] == [3]


tickers = st.from_regex(r"[A-Z][A-Z0-9]{0,4}(\.[A-Z]{1,2}|-[A-Z])?", fullmatch=True).map(lambda s: f"Q{s}")
basis_points = st.integers(-9999, 99_999)
styles = st.tuples(st.sampled_from(["\t", ";", " ", "  ", ": ", " = "]), st.sampled_from(".,"), st.booleans())


@given(st.dictionaries(tickers, basis_points, min_size=1, max_size=8), styles)
def test_what_is_written_is_read_back(moves: dict[str, int], style: tuple[str, str, bool]) -> None:
    """Whole hundredths of a per cent, so that the expected fraction is the nearest number to n / 10 000."""
    between, mark, signs = style
    if not signs:
        moves = {name: n for name, n in moves.items() if abs(n) < 10_000} or {"QX": 1}
    lines = []
    for name, n in moves.items():
        text = f"{n / 100:.2f} %" if signs else f"{n / 10_000:.4f}"
        lines.append(f"{name}{between}{text.replace('.', mark)}")
    found = read_pasted("\n".join(lines))
    assert found.refused == ()
    assert found.moves == {name: pytest.approx(n / 10_000, abs=1e-12) for name, n in moves.items()}


@given(st.text(max_size=120) | st.text("NVDA 017,.%-−()\t;\n", max_size=60))
def test_no_line_goes_lost_and_every_move_is_one_that_can_be(text: str) -> None:
    found = read_pasted(text)
    lines = [n for n, raw in enumerate(text.splitlines(), 1) if raw.strip()]
    told = [line.number for line in found.lines] + [r.number for r in found.refused]
    assert len(told) == len(set(told))
    assert len(told) + (found.heading is not None) == len(lines)
    assert set(told) <= set(lines)
    assert all(-1 < line.move <= 1000 for line in found.lines)
    assert all(r.reason and "\n" not in r.reason for r in found.refused)
