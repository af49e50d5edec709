"""A user's own segments: what is refused, and a file that reads back as it was written."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exposure.chain._overrides import make_override, read_overrides, write_overrides
from exposure.chain._scheme import FINEST
from exposure.errors import InputError, UnknownSegment

DAY = date(2026, 3, 1)


def test_a_segment_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(UnknownSegment, match=r"chips\.memory"):
        make_override(None, "NVDA", [("chip", 1.0)], "why", author="ann", day=DAY)


@pytest.mark.parametrize(
    "parts",
    [[("chips.memory", 0.7), ("chips.foundry", 0.4)], [("chips.memory", -0.1)], [("chips.memory", float("nan"))]],
)
def test_weights_that_are_no_shares_are_refused(parts):
    with pytest.raises(InputError):
        make_override(None, "NVDA", parts, "why", author="ann", day=DAY)


def test_an_override_without_a_reason_is_refused():
    with pytest.raises(InputError, match="no reason"):
        make_override(None, "NVDA", [("chips.memory", 1.0)], "  ", author="ann", day=DAY)


def test_a_file_without_its_columns_is_refused_by_name(tmp_path):
    file = tmp_path / "o.csv"
    file.write_text("isin,segment\n,chips.memory\n")
    with pytest.raises(InputError, match=r"o\.csv:1: .*ticker, weight, reason, date, author"):
        read_overrides(file)


def test_a_bad_date_is_refused_by_row(tmp_path):
    file = tmp_path / "o.csv"
    file.write_text("isin,ticker,segment,weight,reason,date,author\n,NVDA,chips.memory,1,why,27/01/2025,ann\n")
    with pytest.raises(InputError, match=r"o\.csv:2: .*27/01/2025"):
        read_overrides(file)


SHARES = st.lists(
    st.tuples(st.sampled_from(FINEST), st.integers(1, 16)), min_size=1, max_size=4, unique_by=lambda p: p[0]
)


WORDS = st.text(st.characters(exclude_categories=["Cs"]) | st.sampled_from("=+-@'\t\r\n\",;"), min_size=1, max_size=12)


@given(WORDS.filter(str.strip), WORDS, WORDS.filter(lambda t: t == t.strip() != ""))
def test_whatever_is_written_in_it_a_file_of_overrides_runs_no_formula_and_reads_back(
    tmp_path_factory, reason, author, ticker
):
    one = make_override(None, ticker, [("chips.memory", 1.0)], reason, author=author, day=DAY)
    text = write_overrides([one])
    _, row = csv.reader(io.StringIO(text, newline=""))
    assert not any(cell[:1] in tuple("=+-@\t\r\n") for cell in row if cell)
    file = tmp_path_factory.mktemp("overrides") / "o.csv"
    file.write_bytes(text.encode())
    assert read_overrides(file) == (one,)


def test_a_short_row_is_refused_by_row(tmp_path):
    file = tmp_path / "o.csv"
    file.write_text("isin,ticker,segment,weight,reason,date,author\n,NVDA,chips.memory\n")
    with pytest.raises(InputError, match=r"o\.csv:2"):
        read_overrides(file)


@given(
    st.lists(
        st.tuples(st.sampled_from(["AAA", "BBB.T", "CCC"]), SHARES), min_size=1, max_size=3, unique_by=lambda o: o[0]
    )
)
def test_a_file_of_overrides_reads_back_equal(tmp_path_factory, held):
    reason = 'a "reason", with commas'
    overrides = [
        make_override(
            None, t, [(s, n / 64) for s, n in parts], reason, author="ann", day=DAY, delta=-0.5 * n if n % 2 else None
        )
        for n, (t, parts) in enumerate(held)
    ]
    overrides.append(make_override(None, "SPX P", [], reason, author="ann", day=DAY, delta=-0.25))
    file = tmp_path_factory.mktemp("overrides") / "o.csv"
    file.write_text(write_overrides(overrides), encoding="utf-8")
    assert list(read_overrides(file)) == overrides


def test_a_file_without_deltas_is_written_as_before():
    own = make_override(None, "AAA", [("chips.memory", 1.0)], "why", author="ann", day=DAY)
    assert write_overrides([own]).splitlines()[0] == "isin,ticker,segment,weight,reason,date,author"


@pytest.mark.parametrize(("cells", "words"), [(",,", "neither segment nor delta"), (",,50", "no delta")])
def test_a_row_that_says_nothing_and_a_delta_that_is_a_slip_are_refused_by_row(tmp_path, cells, words):
    segment, weight, delta = cells.split(",")
    file = tmp_path / "o.csv"
    head = "isin,ticker,segment,weight,reason,date,author,delta"
    file.write_text(f"{head}\n,NVDA,{segment},{weight or (0 if not delta else '')},why,2025-01-27,ann,{delta}\n")
    with pytest.raises(InputError, match=rf"o\.csv:2.*{words}"):
        read_overrides(file)
