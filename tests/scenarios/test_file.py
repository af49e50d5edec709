"""A user's scenario file: what it means, what it refuses by name and line, and that it reads back as it was written."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from exposure.chain._scheme import segment_ids
from exposure.errors import ScenarioError, UnitError
from exposure.scenarios import load_scenario, parse_scenario
from exposure.types import Replay, Scenario, Window
from exposure.units import QUOTE_UNITS

FULL = """\
id = "chips-down"
title = "Chips fall, software rises"
kind = "custom"
rest = 0.0

[segments]
chips = -0.12
"chips.accelerators" = -0.17
software = 0.02

[fx]
EUR = 0.004

[tickers]
NVDA = -0.20

[isins]
US67066G1040 = -1
"""


def scenario_of(body: str) -> Scenario:
    return parse_scenario('id = "x"\nkind = "custom"\nrest = 0.0\n' + body, file="x.toml")


def refusal(text: str, error: type[Exception] = ScenarioError) -> str:
    with pytest.raises(error) as caught:
        parse_scenario(text, file="bad.toml")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_a_file_means_what_the_interface_says(tmp_path: Path) -> None:
    path = tmp_path / "chips.toml"
    path.write_text(FULL, encoding="utf-8")
    scenario = load_scenario(path)
    assert (scenario.id, scenario.title, scenario.kind) == ("chips-down", "Chips fall, software rises", "custom")
    assert scenario.segments == {"chips": -0.12, "chips.accelerators": -0.17, "software": 0.02}
    assert scenario.fx == {"EUR": 0.004} and scenario.fx_known is None
    assert scenario.tickers == {"NVDA": -0.20} and scenario.isins == {"US67066G1040": -1.0}
    assert scenario.rest == 0.0 and scenario.market is None and scenario.issues == ()
    assert load_scenario(str(path)) == scenario


@pytest.mark.parametrize(
    ("change", "line", "name"),
    [
        (('title = "Chips fall, software rises"', 'titel = "x"'), 2, "titel"),
        (("software = 0.02", "softwear = 0.02"), 9, "softwear"),
        (('"chips.accelerators" = -0.17', '"chips.accelerators" = -1.7'), 8, "chips.accelerators"),
        (("software = 0.02", "software = -1"), 9, "software"),
        (("chips = -0.12", "chips = nan"), 7, "chips"),
        (("chips = -0.12", "chips = -inf"), 7, "chips"),
        (("chips = -0.12", "chips = true"), 7, "chips"),
        (("chips = -0.12", 'chips = "-12 %"'), 7, "chips"),
        (("chips = -0.12", "chips = [-0.12]"), 7, "chips"),
        (("NVDA = -0.20", "NVDA = -20"), 15, "NVDA"),
        (("NVDA = -0.20", "NVDA = -1.0000001"), 15, "NVDA"),
        (("US67066G1040 = -1", "US67066G1040 = -2"), 18, "US67066G1040"),
        (("US67066G1040 = -1", "US67066G1040 = 1" + 400 * "0"), 18, "US67066G1040"),
        (("EUR = 0.004", "EUR = -1"), 12, "EUR"),
        (("EUR = 0.004", "euro = 0.004"), 12, "euro"),
        (("EUR = 0.004", "USD = 0.004"), 12, "USD"),
        (("rest = 0.0", 'rest = "the market"'), 4, "the market"),
        (("rest = 0.0", 'rest = "market"'), 4, "market"),
        (("rest = 0.0", "rest = -1.0"), 4, "rest"),
        (("rest = 0.0", "rest = false"), 4, "rest"),
        (("rest = 0.0", "market = -1.5"), 4, "market"),
        (('kind = "custom"', 'kind = "costum"'), 3, "costum"),
        (('kind = "custom"', 'kind = "transmission"'), 4, "rest"),
        (('kind = "custom"', 'kind = "predictive"'), 6, "predictive"),
        (("[fx]", "[levers]"), 11, "levers"),
        (("[fx]", "[given]"), 11, "given"),
        (("rest = 0.0", "as_of = 2025-01-24"), 4, "as_of"),
        (("rest = 0.0", "from = 2025-01-24T00:00:00"), 4, "from"),
        (("rest = 0.0", "from = 2025-01-27\nto = 2025-01-24"), 5, "to"),
        (("[fx]", '[windows]\n".T" = { from = 2025-01-24 }\n[fx]'), 12, ".T"),
        (("[fx]", "[windows.T]\nfrom = 2025-01-24\nto = 2025-01-28\n[fx]"), 11, "T"),
        (("[fx]", '[windows.".T"]\nfrom = 2025-01-24\nend = 2025-01-28\n[fx]'), 13, "end"),
        (("[fx]", "[[fx]]"), 11, "fx"),
        (("NVDA = -0.20", "NVDA = -0.20\nnvda = -0.10"), 16, "NVDA"),
    ],
    ids=lambda value: None if isinstance(value, int) else str(value)[:40],
)
def test_what_is_wrong_is_refused_by_its_name_and_its_line(change: tuple[str, str], line: int, name: str) -> None:
    assert change[0] in FULL
    text = refusal(FULL.replace(*change))
    assert text.startswith(f"bad.toml:{line}: ")
    assert name in text and "; " in text


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("rest = \n", 1),
        ('id = "x"\nrest = 0,0\n', 2),
        ("[segments]\nchips = -0.12\nchips.accelerators = -0.17\n", 3),
        ('id = "x"\n[segments\n', 2),
        ('id = "x"\n\ntitle = """never closed\n', 3),
        ("a = " + 5000 * "[" + "\n", 1),
    ],
)
def test_what_is_not_toml_is_refused_with_its_line(text: str, line: int) -> None:
    assert refusal(text).startswith(f"bad.toml:{line}: not valid TOML: ")


def test_a_quote_unit_and_a_move_far_out_of_scale_are_faults_of_unit() -> None:
    assert "write GBP" in refusal(FULL.replace("EUR = 0.004", "GBX = 0.004"), UnitError)
    assert refusal(FULL.replace("NVDA = -0.20", "NVDA = 1e300"), UnitError).startswith("bad.toml:15: ")


def test_a_move_above_one_is_kept_with_a_warning() -> None:
    """20 % written as 20: two thousand per cent, which is allowed and hardly ever meant."""
    scenario = scenario_of("[tickers]\nNVDA = 20\n")
    assert scenario.tickers == {"NVDA": 20.0}
    assert [issue.severity for issue in scenario.issues] == ["warning"] and "NVDA" in scenario.issues[0].what


def test_a_line_is_found_among_comments_long_strings_and_windows_line_ends() -> None:
    head = '# [segments]\nid = "x"\ntitle = """\nchips = 1\n[segments]\n"""\n'
    text = (head + "\n[segments] # here\nchips = -2\n").replace("\n", "\r\n")
    assert refusal(text).startswith("bad.toml:9: ")
    assert refusal("segments = { software = 0.1, chips = -2 }\nrest = 0\n").startswith("bad.toml:1: ")
    assert refusal("rest = 0\nsegments.chips = -2\n").startswith("bad.toml:2: ")
    assert refusal('rest = 0\n[tickers]\nA = [\n1,\n]\n"chips" = -2\n').startswith("bad.toml:3: ")


def test_names_with_a_dot_need_no_quotes() -> None:
    scenario = scenario_of("[segments]\nchips.accelerators = -0.17\n[tickers]\n2330.TW = -0.06\nBRK-B = 0.01\n")
    assert scenario.segments == {"chips.accelerators": -0.17}
    assert scenario.tickers == {"2330.TW": -0.06, "BRK-B": 0.01}
    with pytest.raises(ScenarioError, match=r"x\.toml:6: chips\.memory is given twice"):
        scenario_of('[segments]\n"chips.memory" = -0.1\nchips.memory = -0.2\n')


def test_what_the_file_leaves_out_is_said() -> None:
    scenario = parse_scenario("[segments]\nchips = -0.1\n", file="/some/where/mine.toml")
    assert (scenario.id, scenario.title, scenario.kind, scenario.rest) == ("mine", "mine", "custom", 0.0)
    assert [issue.severity for issue in scenario.issues] == ["notice"] * 3
    said = " ".join(issue.what for issue in scenario.issues)
    assert all(word in said for word in ("id", "kind", "rest"))


def test_numbers_that_nothing_will_use_are_said() -> None:
    assert "market" in scenario_of("market = -0.014\n").issues[0].what
    assert "cash" in scenario_of("[segments]\ncash = -0.1\n").issues[0].what
    assert "NVDA" in scenario_of("[isins]\nNVDA = -0.1\n").issues[0].what
    unsettled = parse_scenario('id = "x"\nkind = "custom"\nrest = "outside"\n')
    assert unsettled.rest == "outside" and "outside" in unsettled.issues[0].what
    settled = parse_scenario('id = "x"\nkind = "custom"\nrest = "outside"\n[segments]\noutside = 0.008\n')
    assert settled.issues == ()


def test_rest_may_be_the_market() -> None:
    scenario = parse_scenario('id = "x"\nkind = "custom"\nrest = "market"\nmarket = -0.014\n')
    assert (scenario.rest, scenario.market, scenario.issues) == ("market", -0.014, ())


def test_the_segments_of_a_user_replace_those_of_the_scheme() -> None:
    text = 'id = "x"\nkind = "custom"\nrest = 0\n[segments]\n"chips.quantum" = -0.3\n'
    scenario = parse_scenario(text, segments=segment_ids() | {"chips.quantum"})
    assert scenario.segments == {"chips.quantum": -0.3}
    with pytest.raises(ScenarioError, match=r"unknown segment chips\.quantum"):
        parse_scenario(text)


def test_a_file_from_notepad_is_read_and_another_encoding_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(b"\xef\xbb\xbf" + FULL.replace("\n", "\r\n").encode())
    assert load_scenario(path).id == "chips-down"
    path.write_bytes(FULL.replace("Chips fall", "Baisse légère").encode("latin-1"))
    with pytest.raises(ScenarioError, match=r"x\.toml:2: the file is not UTF-8"):
        load_scenario(path)


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.toml: the scenario cannot be read"):
        load_scenario(tmp_path / "none.toml")
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario(tmp_path)
    with pytest.raises(ScenarioError, match="cannot be read"):
        load_scenario("\0.toml")


def test_a_custom_file_takes_neither_horizon_nor_levers(tmp_path: Path) -> None:
    path = tmp_path / "x.toml"
    path.write_text(FULL, encoding="utf-8")
    with pytest.raises(ScenarioError, match="no horizon"):
        load_scenario(path, horizon=5)
    with pytest.raises(ScenarioError, match="takes no levers"):
        load_scenario(path, jevons_elasticity=1.2)


moves = st.floats(-1, 1000, exclude_min=True).map(lambda x: x + 0.0)
names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12).map(lambda x: x.strip().upper())
currencies = st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=3, max_size=3).filter(
    lambda x: x != "USD" and x not in QUOTE_UNITS
)
texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30).filter(str.strip)
days = st.dates(date(2000, 1, 1), date(2030, 1, 1))


@st.composite
def scenarios(draw: st.DrawFn) -> Scenario:
    rest = draw(st.one_of(moves, st.just("outside"), st.just("market")))
    fx = draw(st.dictionaries(currencies, moves, max_size=4))
    pairs = st.tuples(days, days).map(sorted)
    windows = {x: Window(*draw(pairs), fx) for x in draw(st.sets(st.sampled_from(["", ".T", ".KS", ".PA"])))}
    start, end = draw(pairs)
    return Scenario(
        id=draw(texts.map(str.strip).filter(str.isprintable)),
        title=draw(texts),
        kind="custom",
        start=draw(st.sampled_from([start, None])),
        end=draw(st.sampled_from([end, None])),
        rest=rest,
        market=draw(moves) if rest == "market" else draw(st.none() | moves),
        segments=draw(st.dictionaries(st.sampled_from(sorted(segment_ids())), moves)),
        isins=draw(st.dictionaries(names.filter(bool), st.just(-1.0) | moves, max_size=3)),
        tickers=draw(st.dictionaries(names.filter(bool), st.just(-1.0) | moves, max_size=3)),
        fx=fx,
        windows=windows,
        source=draw(st.just("") | texts),
    )


@given(scenarios())
@example(Scenario("a", 'quo"te\\\x7f\n', "custom", rest=-0.0, tickers={'"': 1e-300, "A.B": -1.0, "É": 1e-7}))
def test_a_written_scenario_reads_back_equal_with_the_same_hash(scenario: Scenario) -> None:
    read = parse_scenario(scenario.to_toml())
    assert read.replace(issues=()) == scenario
    assert read.hash == scenario.replace(rest=read.rest).hash
    assert parse_scenario(read.to_toml()) == read


@given(st.text(max_size=200) | st.binary(max_size=200).map(lambda b: b.decode("latin-1")))
def test_any_text_is_a_scenario_or_one_line_of_refusal(text: str) -> None:
    try:
        parse_scenario(text)
    except (ScenarioError, UnitError) as error:
        assert "\n" not in str(error) and "; " in str(error)


keys = st.sampled_from(
    ["id", "kind", "rest", "market", "segments", "fx", "tickers", "windows", "from", "to", "levers", "x"]
)
values = st.recursive(
    st.sampled_from(
        ["1", "-2", "nan", '"market"', '"custom"', "true", "2025-01-24", '"a\\u0000b"', "1e999", "{}", "[]"]
    ),
    lambda inner: st.builds("{{ {} = {} }}".format, keys, inner) | st.builds("[{}]".format, inner),
    max_leaves=3,
)


@given(st.dictionaries(keys, values, max_size=5))
def test_any_toml_is_a_scenario_or_one_line_of_refusal(table: dict[str, str]) -> None:
    try:
        parse_scenario("".join(f"{key} = {value}\n" for key, value in table.items()))
    except (ScenarioError, UnitError) as error:
        assert "\n" not in str(error) and str(error).startswith("scenario.toml:")


@pytest.mark.parametrize(
    "change",
    [
        {"id": "y"},
        {"start": date(2025, 1, 24)},
        {"rest": 0.1},
        {"market": 0.1},
        {"segments": {"chips": 0.1}},
        {"isins": {"A": 0.1}},
        {"tickers": {"A": 0.1}},
        {"fx": {"EUR": 0.1}},
        {"fx_known": frozenset()},
        {"windows": {".T": Window(date(2025, 1, 24), date(2025, 1, 28))}},
        {"prefer_adr": True},
        {"horizon": 3},
    ],
    ids=str,
)
def test_whatever_decides_a_figure_changes_the_hash(change: dict[str, object]) -> None:
    plain = Replay("x", "X", rest=0.0)
    assert plain.replace(**change).hash != plain.hash
    assert plain.replace(title="Y", source="Z", issues=()).hash == plain.hash


def test_the_hash_does_not_depend_on_the_order_of_lines_or_the_way_a_number_is_written() -> None:
    one = scenario_of("[segments]\nchips = -0.10\nsoftware = 0\n")
    other = scenario_of("[segments]\nsoftware = -0.0\nchips = -1e-1\n")
    assert one.hash == other.hash
    assert len(one.hash) == 64


def test_a_replay_is_not_written_as_one_file() -> None:
    with pytest.raises(ScenarioError, match="only a custom or transmission scenario"):
        load_scenario("deepseek-2025-01-27").to_toml()
    assert "a replay needs from and to" in refusal('id = "x"\nkind = "replay"\nrest = "outside"\n')
