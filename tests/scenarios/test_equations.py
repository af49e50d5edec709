"""The equations over the whole range of the levers, hand-worked sums, the loadings' table, and what a file may say."""

from dataclasses import replace
from math import exp, fsum, isfinite, log, log1p, tanh

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.chain import to_book
from exposure.chain._issuers import issuer_table, read_data
from exposure.chain._loadings import (
    EQUATIONS,
    KEPT_GAIN,
    LOADINGS_NEEDED,
    Name,
    Piece,
    customers,
    loadings_named,
    loadings_of,
    names_with_figures,
    peers,
)
from exposure.errors import ScenarioError
from exposure.scenarios import library, load_scenario, parse_scenario
from exposure.scenarios._equations import Equations
from exposure.scenarios._levers import LEVERS_AT_REST, RANGES, density, lever_presets, prior_quantile
from exposure.shock import apply
from exposure.types import Holding, Prior, Snapshot

BASE = load_scenario("deepseek-transmission")
LEVERS = st.fixed_dictionaries({name: st.floats(low, high) for name, (low, high) in RANGES.items()})
QUIET = {"export_tightening": 0.0, "curbs_ineffective": 0.0, "capex_restraint": 0.0, "market_move": 0.0}
CHIPS = [s for s, e in EQUATIONS.items() if e == "chips"]
DEMANDED = [s for s, e in EQUATIONS.items() if e in ("chips", "fab", "centre")]
TINY = 1e-12


@st.composite
def names(draw, among=tuple(EQUATIONS)) -> Name:
    """A name wholly in one sub-segment, with loadings as large as any and whatever stretch."""
    segment = draw(st.sampled_from(among))
    own = {n: draw(st.floats(0, 1 if n in ("T", "closed") else 3)) for n in LOADINGS_NEEDED[EQUATIONS[segment]]}
    shares = [draw(st.floats(0.01, 1)) for _ in range(3)]
    own |= {n: s / sum(shares) for n, s in zip(("p.foundry", "p.memory", "p.processors"), shares, strict=True)}
    piece = Piece(segment, EQUATIONS[segment], 1.0, own, draw(st.floats(-2, 2)), draw(st.sampled_from([0.0, 1.0])))
    return Name("", (piece,), draw(st.floats(0, 1)), draw(st.sampled_from([0.0, 1.0])), draw(st.floats(-1, 4)))


def move(levers, name: Name) -> float:
    return Equations(levers).log_move(name)


def shock(*holdings: Holding, scenario=BASE):
    return apply(to_book(Snapshot("t.csv", "csv", None, (), "USD", holdings)), scenario)


def line(ticker: str, value: float = 100.0, row: int = 2, **more) -> Holding:
    return Holding(row=row, ticker=ticker, market_value=value, currency="USD", value_currency="USD", **more)


# ---- hand-worked ----------------------------------------------------------------------------------------------------


def test_a_hand_worked_chip():
    """G = 0.5·ln 10 = 1.151293 (τ = 1); ε·λ = 0.5; d = 0.7·tanh(−0.5·1.151293/0.7) = −0.473444.

    With h = 0.2, q = 0.1: chips = 0.9·(−0.473444 − 0.1 − 0.2·0.5·0.8) = −0.588099; β·ln 1.01 = 1.5·0.009950 = 0.014926.
    """
    levers = {
        **LEVERS_AT_REST,
        "claim_credibility": 0.5,
        "inference_gain": 10.0,
        "inference_share": 1.0,
        "older_chips": 0.2,
    }
    levers |= {"jevons_elasticity": 1.0, "response_priced": 0.5, "capex_restraint": 0.1, "market_move": 0.01}
    piece = Piece("chips.accelerators", "chips", 1.0, {"A": 0.9, "T": 0.8})
    at = Equations(levers)
    assert at.gain == pytest.approx(1.151293, abs=1e-6)
    assert at.demand == pytest.approx(-0.473444, abs=2e-6)
    assert at.log_move(Name("", (piece,), 0.0, 0.0, 1.5)) == pytest.approx(-0.588099 + 0.014926, abs=3e-6)


def test_a_hand_worked_model_provider():
    """G = ln 4 · 0.5 = 0.693147 (training only, no distillation), ε·λ = 2, k0 = 0.1, m = 0.4, o = 0.6, closed = 0.5.

    2·(0.1·0.6·1·0.693147 − 0.4·0.5·0.5·1.6/2) = 2·(0.041589 − 0.08) = −0.076822.
    """
    levers = {
        **LEVERS_AT_REST,
        "claim_credibility": 0.5,
        "training_gain": 4.0,
        "jevons_elasticity": 2.0,
        "response_priced": 1.0,
    }
    levers |= {"commoditisation": 0.4, "openness": 0.6}
    piece = Piece("foundation_models.cloud_providers", "models", 1.0, {"F": 2.0, "closed": 0.5})
    assert KEPT_GAIN == 0.1
    assert move(levers, Name("", (piece,), 0.0, 0.0, 1.0)) == pytest.approx(-0.076822, abs=1e-6)


@given(
    LEVERS, st.sampled_from(["NVDA", "MSFT", "GOOGL", "ASML.AS", "VRT", "ORCL", "AMAT", "9988.HK", "CRM", "005930.KS"])
)
def test_each_name_moves_as_the_equations_say(levers, key):
    """Written out a second time, term by term, from the method's text."""
    c, gt, gi, tau, delta, eps, lam, h, q, a, b, m, o, u, x, y, v, e, market = (levers[n] for n in RANGES)
    gain = c * (tau * log(gi) + (1 - tau) * (1 - delta) * log(gt))
    d = 0.7 * tanh((eps * lam - 1) * gain / 0.7)
    entry = issuer_table().of(key)
    weights = {p.segment: fsum(r.weight for r in entry.parts if r.segment == p.segment) for p in entry.parts}
    name = loadings_named(entry.parts, entry.key, None, entry.country)
    pieces = {p.segment: p for p in name.pieces}
    assert set(pieces) == {s for s in weights if s in EQUATIONS}
    total = (1 if name.beta is None else name.beta) * log(1 + market) - x * name.china + y * name.china_ai
    for segment, p in pieces.items():
        own = p.loadings
        software = u * o * own.get("S", 0) * gain
        term = {
            "chips": lambda own=own: own["A"] * (d - q - h * c * own["T"]),
            "fab": lambda own=own: (
                a * own["E"] * sum(own[f"p.{j}"] * (A * (d - q) - AT * h * c) for j, (A, AT) in customers().items())
            ),
            "centre": lambda own=own: b * own["E"] * (d - q),
            "cloud": lambda own=own, software=software: own["C"] * d + own["R"] * q + software,
            "models": lambda own=own: (
                own["F"] * (KEPT_GAIN * (1 - m) * max(eps * lam - 1, 0) * gain - m * c * own["closed"] * (1 + o) / 2)
            ),
            "software": lambda software=software: software,
        }[EQUATIONS[segment]]()
        f = exp(v * p.z + e * p.near)
        s = f / sum(w * exp(v * z + e * n) for w, z, n in peers(segment)) if peers(segment) else 1.0
        total += s * weights[segment] * term
    assert move(levers, name) == pytest.approx(total, abs=1e-12)


# ---- properties over the whole range --------------------------------------------------------------------------------


@given(LEVERS, names(tuple(CHIPS)), st.floats(0, 1), st.floats(0, 1))
def test_no_chip_rises_as_the_claim_is_believed_while_the_response_is_small(levers, name, one, other):
    levers = {**levers, **QUIET}
    if levers["jevons_elasticity"] * levers["response_priced"] > 1:
        levers["response_priced"] = 1 / levers["jevons_elasticity"] * levers["response_priced"]
    low, high = sorted((one, other))
    less, more = (move({**levers, "claim_credibility": c}, name) for c in (low, high))
    assert more <= less + TINY


@given(LEVERS, names(tuple(DEMANDED)), st.floats(1 / 3, 1))
def test_at_break_even_no_demanded_name_moves(levers, name, priced):
    levers |= {**QUIET, "older_chips": 0.0, "response_priced": priced, "jevons_elasticity": min(1 / priced, 3.0)}
    assert move(levers, name) == pytest.approx(0, abs=1e-11)


@given(LEVERS, names(tuple(DEMANDED)))
def test_above_break_even_no_demanded_name_falls(levers, name):
    levers |= {**QUIET, "older_chips": 0.0}
    if levers["jevons_elasticity"] * levers["response_priced"] <= 1:
        levers |= {"jevons_elasticity": 3.0, "response_priced": 0.34 + 0.66 * levers["response_priced"]}
    assert move(levers, name) >= -TINY


@given(LEVERS, names())
def test_without_belief_nothing_moves(levers, name):
    assert move({**levers, **QUIET, "claim_credibility": 0.0}, name) == pytest.approx(0, abs=TINY)


@given(LEVERS, names(tuple(s for s in EQUATIONS if s.startswith("software."))), st.floats(0, 1), st.floats(0, 1))
def test_no_software_name_falls_as_openness_rises(levers, name, one, other):
    low, high = sorted((one, other))
    assert move({**levers, "openness": high}, name) >= move({**levers, "openness": low}, name) - TINY


@given(
    LEVERS, names(tuple(s for s in EQUATIONS if s.startswith("foundation_models."))), st.floats(0, 1), st.floats(0, 1)
)
def test_no_models_name_rises_as_models_become_a_commodity(levers, name, one, other):
    low, high = sorted((one, other))
    assert move({**levers, "commoditisation": high}, name) <= move({**levers, "commoditisation": low}, name) + TINY


@given(LEVERS, names())
def test_moves_are_finite_and_nothing_falls_below_all(levers, name):
    found = move(levers, name)
    assert isfinite(found)
    assert exp(found) - 1 >= -1


@given(LEVERS, st.floats(-1e6, -1.0))
def test_doubling_a_short_doubles_its_profit_and_loss(levers, value):
    scenario = replace(BASE, levers=levers, market=levers["market_move"])
    once, twice = (shock(line("NVDA", n * value), scenario=scenario).pnl for n in (1, 2))
    assert twice == pytest.approx(2 * once, rel=1e-12)


@given(st.floats(0, 1), st.floats(0, 1))
def test_stretch_spreads_a_sub_segment_and_adds_nothing(v, e):
    """Σ ω·s = 1 in each, so a sub-segment's mean, weighted by its loading, stays what it was."""
    at = Equations({**LEVERS_AT_REST, "valuation_stretch": v, "results_near": e})
    for segment, equation in EQUATIONS.items():
        if peers(segment):
            pieces = [Piece(segment, equation, 1.0, {}, z, near) for _, z, near in peers(segment)]
            weighted = (w * at.stretch(p) for p, (w, _, _) in zip(pieces, peers(segment), strict=True))
            assert fsum(weighted) == pytest.approx(1, abs=1e-12)


def test_a_stretched_name_moves_more_than_its_calm_neighbour():
    """AMD had fallen 32 %, NVIDIA risen 132 %: of one sub-segment, the second is stretched."""
    scores = {n.key: p.z for n in names_with_figures() for p in n.pieces if p.segment == "chips.accelerators"}
    assert scores["NVDA"] > 0 > scores["INTC"]
    nvda, intc = (
        next(p for n in names_with_figures() if n.key == key for p in n.pieces if p.segment == "chips.accelerators")
        for key in ("NVDA", "INTC")
    )
    at = Equations({**LEVERS_AT_REST, "valuation_stretch": 0.5})
    assert at.stretch(nvda) > 1 > at.stretch(intc)


def test_scores_are_standard_where_no_cut_is_met():
    """Software's applications have 42 names: the mean of two standard scores has mean 0; none lies beyond ±2."""
    scores = [p.z for n in names_with_figures() for p in n.pieces if p.segment == "equipment.servers"]
    assert len(scores) > 10
    assert fsum(scores) == pytest.approx(0, abs=1e-9) or max(map(abs, scores)) == 2
    assert all(abs(p.z) <= 2 for n in names_with_figures() for p in n.pieces)


# ---- loadings -------------------------------------------------------------------------------------------------------

ROWS = read_data("loadings.csv")


def test_every_loading_has_a_source_and_stands_in_its_range():
    assert all(len(row["source"]) > 10 for row in ROWS)
    assert all(float(row["value"]) >= 0 for row in ROWS)
    bounded = [row for row in ROWS if row["loading"] in ("T", "closed", "China") or row["loading"].startswith("p.")]
    assert bounded and all(float(row["value"]) <= 1 for row in bounded)
    assert len({(r["target"], r["segment"], r["loading"]) for r in ROWS}) == len(ROWS)


def test_every_sub_segment_has_each_loading_that_its_equation_needs():
    given_ = {(r["segment"], r["loading"]) for r in ROWS if r["target"] == "*"}
    assert {(s, n) for s, e in EQUATIONS.items() for n in LOADINGS_NEEDED[e]} <= given_


def test_a_name_with_its_own_loading_is_in_the_table_and_in_that_sub_segment():
    for row in ROWS:
        if row["target"] != "*":
            entry = issuer_table().of(row["target"])
            assert entry is not None and entry.key == row["target"], row
            assert row["segment"] == "*" or row["segment"] in {p.segment for p in entry.parts}, row


@pytest.mark.parametrize("segment", [s for s, e in EQUATIONS.items() if e == "fab"])
def test_customer_shares_add_up_to_one(segment):
    for key in {"", *(r["target"] for r in ROWS if r["segment"] == segment and r["target"] != "*")}:
        own = loadings_of(key, segment)
        assert fsum(own[f"p.{j}"] for j in ("foundry", "memory", "processors")) == pytest.approx(1, abs=1e-12)


def test_results_days_are_dated_and_sourced():
    rows = read_data("results.csv")
    assert all(row["source"] and issuer_table().of(row["issuer"]).key == row["issuer"] for row in rows)
    near = {n.key for n in names_with_figures() if any(p.near for p in n.pieces)}
    assert {"MSFT", "META", "AMZN"} <= near  # 29 January, 29 January, 6 February
    assert not {"NVDA", "VRT", "MU"} & near  # 26 February, 12 February (12 sessions), 20 March


def test_a_chinese_model_or_cloud_name_is_marked_and_its_home_sales_are_under_no_limit():
    alibaba, lam = (issuer_table().of(key) for key in ("9988.HK", "LRCX"))
    ours = loadings_named(alibaba.parts, alibaba.key, None, alibaba.country)
    assert (ours.china_ai, ours.china) == (1.0, 0.0)
    theirs = loadings_named(lam.parts, lam.key, None, lam.country)
    assert (theirs.china_ai, theirs.china) == (0.0, 0.42)


# ---- the scenario and its file --------------------------------------------------------------------------------------


def test_levers_are_set_by_name():
    scenario = load_scenario("deepseek-transmission", jevons_elasticity=1.9)
    assert scenario.levers["jevons_elasticity"] == 1.9
    assert {**scenario.levers, "jevons_elasticity": BASE.levers["jevons_elasticity"]} == BASE.levers
    assert scenario.hash != BASE.hash
    assert load_scenario("deepseek-transmission", market_move=-0.05).market == -0.05


@pytest.mark.parametrize(
    "levers", [{"jevons": 1.0}, {"openness": 1.01}, {"openness": float("nan")}, {"openness": True}]
)
def test_a_lever_that_is_unknown_or_out_of_range_is_refused_by_name(levers):
    with pytest.raises(ScenarioError, match=next(iter(levers))):
        load_scenario("deepseek-transmission", **levers)


def test_other_kinds_take_no_levers():
    with pytest.raises(ScenarioError, match="takes no levers"):
        load_scenario("deepseek-2025-01-27", openness=0.5)


FILE = """id = "mine"
kind = "transmission"
[levers]
jevons_elasticity = 1.5
[levers.claim_credibility]
mean = 0.8
sd = 0.1
"""


def test_a_file_sets_values_and_priors_and_leaves_the_rest_to_the_library():
    scenario = parse_scenario(FILE)
    assert scenario.levers["jevons_elasticity"] == 1.5
    assert scenario.levers["claim_credibility"] == 0.8, "a lever with a prior and no value stands at its mean"
    assert scenario.priors["claim_credibility"] == Prior(0.8, 0.1, 0.0, 1.0)
    assert scenario.levers["openness"] == BASE.levers["openness"]
    assert scenario.priors["openness"] == BASE.priors["openness"]


@pytest.mark.parametrize(
    ("change", "row", "word"),
    [
        (("jevons_elasticity = 1.5", "jevons = 1.5"), 4, "jevons"),
        (("jevons_elasticity = 1.5", "jevons_elasticity = 3.5"), 4, "jevons_elasticity"),
        (("jevons_elasticity = 1.5", 'jevons_elasticity = "1"'), 4, "jevons_elasticity"),
        (("claim_credibility", "claims"), 5, "claims"),
        (("mean = 0.8", "mean = 1.8"), 5, "claim_credibility"),
        (("sd = 0.1", "sd = -0.1"), 5, "claim_credibility"),
        (("sd = 0.1", "sd = inf"), 7, "sd"),
        (("sd = 0.1", "spread = 0.1"), 7, "spread"),
        (('kind = "transmission"', 'kind = "transmission"\nmarket = 0.1'), 3, "market"),
        (('kind = "transmission"', 'kind = "transmission"\nrest = 0.1'), 3, "rest"),
    ],
)
def test_what_is_wrong_is_refused_by_name_and_line(change, row, word):
    with pytest.raises(ScenarioError) as refused:
        parse_scenario(FILE.replace(*change), file="mine.toml")
    assert str(refused.value).startswith(f"mine.toml:{row}: ")
    assert word in str(refused.value)


def test_a_transmission_is_written_and_read_back_with_the_same_hash():
    scenario = load_scenario("deepseek-transmission", openness=0.3)
    again = parse_scenario(scenario.to_toml())
    assert (again.hash, again.levers, again.priors) == (scenario.hash, scenario.levers, scenario.priors)


def test_the_hash_knows_values_and_priors():
    wider = {**BASE.priors, "openness": BASE.priors["openness"]._replace(sd=0.2)}
    assert parse_scenario(replace(BASE, priors=wider).to_toml()).hash != BASE.hash


def test_the_library_lists_every_lever_with_its_prior_and_its_state():
    entry = next(e for e in library() if e.id == "deepseek-transmission").to_json()
    assert list(entry["levers"]) == list(RANGES)
    for name, lever in entry["levers"].items():
        assert (lever["low"], lever["high"]) == RANGES[name]
        assert lever["low"] <= lever["prior_low"] <= lever["mean"] <= lever["prior_high"] <= lever["high"]
        assert lever["sd"] > 0 and lever["low"] <= lever["value"] <= lever["high"]
        assert lever["state"] in ("fitted", "assumed", "bound", "unidentified")
        assert lever["unit"] and lever["meaning"].endswith(".") and lever["evidence"] and lever["source"]


def test_the_presets_are_levers_in_range_that_point_where_their_names_do():
    returns = {}
    for preset in lever_presets():
        scenario = load_scenario("deepseek-transmission", **preset.levers)
        returns[preset.name] = shock(line("NVDA"), scenario=scenario).total_return
    assert next(iter(returns)) == "the day itself"
    day = returns["the day itself"]
    for worse in ("the claim is true", "payback in doubt", "export clamp-down"):
        assert returns[worse] < day
    assert day < returns["the claim is marketing"] < 0 < returns["Jevons wins"]
    model = {
        p.name: shock(line("GOOGL"), scenario=load_scenario(BASE.id, **p.levers)).total_return for p in lever_presets()
    }
    assert model["models become a commodity"] < model["the day itself"]


# ---- applied to a book ----------------------------------------------------------------------------------------------


def test_a_line_is_moved_by_the_equations_and_says_so():
    result = shock(line("NVDA"), line("JPM", row=3))
    chip, bank = (p.move for p in result.positions)
    assert (chip.provenance, chip.via) == ("modelled", "equations")
    assert (bank.provenance, bank.via) == ("modelled", "rest")
    entry = issuer_table().of("NVDA")
    expected = exp(Equations(BASE.levers).log_move(loadings_named(entry.parts, "NVDA", None, "US"))) - 1
    assert chip.shock == pytest.approx(expected, abs=1e-15)
    assert bank.shock == pytest.approx(exp(1.749 * log1p(BASE.market)) - 1, abs=1e-15)  # JPM's beta outside the chain


def test_a_users_number_beats_the_equations():
    scenario = replace(BASE, tickers={"NVDA": -0.5})
    assert shock(line("NVDA"), scenario=scenario).positions[0].move.provenance == "user"


def test_a_beta_that_is_not_known_is_taken_as_one_and_said():
    result = shock(line("XYZQ", name="Unheard-of Widgets", sector="industrials"))
    assert result.total_return == pytest.approx(BASE.market, abs=1e-15)
    assert any("beta is not known, 1 was taken" in i.what for i in result.issues)


def test_a_move_far_outside_anything_observed_is_said():
    scenario = load_scenario(
        BASE.id, capex_restraint=1.0, datacentre_pass_through=3.0, claim_credibility=1.0, response_priced=0.0
    )
    issues = shock(line("VRT"), scenario=scenario).issues
    assert any("far outside anything observed" in i.what for i in issues)
    assert not any("far outside" in i.what for i in shock(line("VRT")).issues)


def test_a_leveraged_fund_moves_by_its_factor():
    plain, triple = (shock(line(t)).positions[0].move for t in ("SOXX", "SOXL"))
    assert triple.via == "factor"
    assert triple.shock == pytest.approx(3 * plain.shock, abs=1e-12)


# ---- priors ---------------------------------------------------------------------------------------------------------


@settings(max_examples=25)
@given(st.floats(0, 1), st.floats(0.02, 2), st.floats(0.001, 0.999))
def test_quantiles_of_a_prior_are_those_of_the_truncated_normal(mean, sd, share):
    from scipy.stats import truncnorm

    prior = Prior(mean, sd, 0.0, 1.0)
    law = truncnorm((0 - mean) / sd, (1 - mean) / sd, loc=mean, scale=sd)
    assert prior_quantile(prior, share) == pytest.approx(law.ppf(share), abs=1e-7)
    assert density(prior, prior_quantile(prior, share)) == pytest.approx(law.pdf(law.ppf(share)), rel=1e-5)


def test_a_segment_given_by_hand_takes_the_place_of_its_equation():
    """CRWD is security alone: −5 %, whatever the levers. MSFT mixes: w·ln 0.95 there, the rest by equations."""
    scenario = replace(BASE, segments={"software.security": -0.05})
    assert shock(line("CRWD"), scenario=scenario).total_return == pytest.approx(-0.05, abs=1e-15)
    entry = issuer_table().of("MSFT")
    weight = fsum(p.weight for p in entry.parts if p.segment == "software.security")
    others = [p for p in entry.parts if p.segment != "software.security"]
    name = loadings_named(others, "MSFT", "MSFT", "US")
    name = replace(name, beta=name.beta * (1 - weight), china=name.china * (1 - weight))
    expected = exp(weight * log(0.95) + Equations(BASE.levers).log_move(name)) - 1
    assert shock(line("MSFT"), scenario=scenario).total_return == pytest.approx(expected, abs=1e-12)
    text = scenario.to_toml()
    assert parse_scenario(text).segments == {"software.security": -0.05}


def test_a_sub_segments_own_move_is_its_term_at_its_names_mean():
    """Two wholly owned design-tool names, A = 0.45 each: 0.45·(d − q), whatever v (two names, s sums to 1)."""
    for v in (0.0, 0.7):
        at = Equations({**BASE.levers, "valuation_stretch": v})
        assert at.segment_move("chips.design_tools") == pytest.approx(0.45 * at.spending, abs=1e-12)
