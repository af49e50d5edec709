"""Published exports against what a correct reader finds in them; the table and the files lie beside the project."""

import csv
import io
from pathlib import Path

import pytest

from exposure.errors import InputError, TransactionsError
from exposure.files import _dialects as dialects
from exposure.reading import read_holdings

SAMPLES = Path(__file__).resolve().parents[2].parent / "shared" / "samples"
FUNDS = SAMPLES.parent / "funds"
TABLE = SAMPLES / "truth.csv"
TRUTH = list(csv.DictReader(TABLE.read_text(encoding="utf-8").splitlines())) if TABLE.exists() else []
pytestmark = pytest.mark.skipif(not TRUTH, reason="the folder of published exports is not beside the project")

# File → what is not read right yet. Strict: whoever mends one takes it out of the table.
FAULTS = {
    "102_fortuneo_portefeuille.csv": "the currency is not told by the file's language",
    "104_easybourse_valorisation.csv": "the balance in the preamble is no cash row",
    "105_plateforme_assurance_vie_supports.csv": "funds with a date of price are taken for a list by date",
    "109_flatex_depotbestand_07.04.2021.csv": "warrants are read as shares",
    "112_maxblue_vermoegensaufstellung.csv": "the account's balance is read as a security",
    "114_smartbroker_two_header_lines.csv": "of two heading lines the first is taken",
    "116_onvista_depotuebersicht.csv": "a warrant is read as a share",
    "121_portfolioperformance_vermoegensaufstellung.csv": "a coin is not counted as what no price move applies to",
    "125_etrade_portfoliodownload.csv": "a decoy heading above the table is taken for it",
    "129_yahoo_finance_portfolio.csv": "the date of a purchase is taken for the file's",
    "131_sbi_portfolio.csv": "the code before the name stays in it",
    "133_roundhill_dram.csv": "a swap is read as a share",
    "135_ibkr_activity_open_positions.csv": "the base currency that is stated is not the file's",
    "136_commsec_holdings.csv": "the dollar of an Australian file is read as the American one",
    "140_evolve_tecy.csv": "options are read as shares",
    "142_mackenzie_mwlv.csv": "a cash row is read as a security",
}


def _held(rows):
    return [
        pytest.param(
            r,
            id=r["file"][:30],
            marks=[pytest.mark.xfail(strict=True, reason=FAULTS[r["file"]])] if r["file"] in FAULTS else [],
        )
        for r in rows
    ]


def _identifies(holding, wanted):
    names = {str(v or "").upper() for v in (holding.ticker, holding.isin, holding.cusip, holding.sedol, holding.name)}
    return wanted.upper() in names or any(n.split(".")[0].split(" ")[0] == wanted.upper() for n in names)


def _differences(row, snapshot):
    for key, got in (
        ("positions", snapshot.positions),
        ("cash_rows", snapshot.cash),
        ("non_equity_rows", snapshot.unsupported),
    ):
        if row[key].strip() and got != int(row[key]):
            yield f"{key} {got}, not {row[key]}"
    if row["currency"].strip() and snapshot.currency != row["currency"]:
        yield f"currency {snapshot.currency}, not {row['currency']}"
    if row["as_of"].strip() and str(snapshot.as_of) != row["as_of"]:
        yield f"as_of {snapshot.as_of}, not {row['as_of']}"
    if row["total_market_value"].strip():
        want, got = float(row["total_market_value"]), snapshot.total_market_value
        if got is None or abs(got - want) > max(0.05, 1e-6 * abs(want)):
            yield f"total {got}, not {want}"
    held = [h for h in snapshot.holdings if h.kind != "cash"]
    for key, at in (("first_ticker_or_isin", 0), ("last_ticker_or_isin", -1)):
        if row[key].strip() and not (held and _identifies(held[at], row[key].strip())):
            yield f"{key} is not {row[key]}"
    if (name := (row.get("first_name") or "").strip()) and not (
        held and (held[0].name or "").strip().casefold() == name.casefold()
    ):
        yield f"the first name is not {name}"


@pytest.mark.parametrize("row", _held(TRUTH))
def test_published_file_reads_as_the_table_says(row):
    path = SAMPLES / "files" / row["file"]
    if row["expect"] == "refused":
        with pytest.raises(InputError) as refusal:
            read_holdings(path)
        assert "\n" not in str(refusal.value)
    elif row["expect"] == "transactions":
        with pytest.raises(TransactionsError, match="transactions"):
            read_holdings(path)
    else:
        assert list(_differences(row, read_holdings(path))) == []


@pytest.mark.parametrize(
    "row", [r for r in TRUTH if r["file"].endswith(".csv") and not r["expect"]], ids=lambda r: r["file"][:24]
)
def test_the_name_of_the_file_decides_nothing_but_a_missing_date(row):
    data = (SAMPLES / "files" / row["file"]).read_bytes()
    assert _outcome(data, "x.dat") == _outcome(data, row["file"])


def _outcome(data, name):
    try:
        return read_holdings(data, name=name).holdings
    except InputError as refusal:
        return refusal.what


SMALL = [r for r in TRUTH if r["file"].endswith(".csv") and not r["expect"] and r["positions"].strip() not in {"", "0"}]
SMALL = [r for r in SMALL if (SAMPLES / "files" / r["file"]).stat().st_size < 25_000]


@pytest.mark.parametrize("form", ["padded", "quoted", "semicolons", "tabs", "indexed"])
@pytest.mark.parametrize("row", _held(SMALL))
def test_a_published_file_saved_again_reads_as_the_table_says(row, form):
    """What a spreadsheet or a data frame makes of an export: other delimiters and encodings, padding, an index."""
    path = SAMPLES / "files" / row["file"]
    data = path.read_bytes()
    lines = dialects.text_rows(dialects.decode(data, dialects.encoding_of(data, "x"), "x"), row["delimiter"], "x")
    cells = [line for _, line in lines]
    width = max(map(len, cells))
    if form == "padded":
        cells = [line + [""] * (width - len(line)) for line in cells]
    elif form == "indexed":
        cells = [["", *line] for line in cells]
    out = io.StringIO()
    quoting = csv.QUOTE_ALL if form == "quoted" else csv.QUOTE_MINIMAL
    writer = csv.writer(out, delimiter={"semicolons": ";", "tabs": "\t"}.get(form, ","), quoting=quoting)
    writer.writerows(cells)
    encoding = {"tabs": "utf-16", "padded": "utf-8-sig"}.get(form, "utf-8")
    assert list(_differences(row, read_holdings(out.getvalue().encode(encoding), name=row["file"]))) == []


@pytest.mark.skipif(not FUNDS.exists(), reason="the folder of fund books is not beside the project")
def test_issuer_file_of_a_fund_with_percentages_and_dollar_headings():
    s = read_holdings(FUNDS / "AIQ_2025-01-24.csv")
    assert (str(s.as_of), s.currency) == ("2025-01-24", "USD")
    tesla = s.holdings[0]
    assert (tesla.ticker, tesla.sedol, tesla.weight, tesla.quantity, tesla.price, tesla.market_value) == (
        "TSLA",
        "B616C79",
        pytest.approx(0.0433),
        310249.0,
        406.58,
        126141038.42,
    )
    assert abs(sum(h.weight for h in s.holdings) - 1) < 0.005


@pytest.mark.skipif(not FUNDS.exists(), reason="the folder of fund books is not beside the project")
def test_weights_as_fractions_without_values():
    s = read_holdings(FUNDS / "ARKK_2025-01-24.csv")
    assert s.holdings[0].weight == 0.02582955 and s.holdings[0].market_value is None
    assert str(s.as_of) == "2025-01-24", "nothing but the name of the file holds a date"
    assert 0.97 < sum(h.weight for h in s.holdings) < 1.03
