"""Any table in the supported dialects reads back equal; what a house does is told by its file, not by its name."""

import csv
import io
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from exposure.reading import read_all, read_holdings

ISINS = ["US67066G1040", "NL0010273215", "DE0007164600", "US0378331005", "FR0000121014", "IE00B4L5Y983", "TW0002330008"]
NAMES = ["NVIDIA CORP", "ASML HOLDING", "SAP SE", "APPLE INC", "LVMH", "Société Générale", "TAIWAN SEMICONDUCTOR"]
TONGUES = [
    ("Name", "ISIN", "Quantity", "Price", "Currency", "Market Value (EUR)"),
    ("Libellé", "Code ISIN", "Quantité", "Cours", "Devise", "Valeur en EUR"),
    ("Bezeichnung", "ISIN", "Stück", "Kurs", "Währung", "Kurswert in EUR"),
    ("Naam", "ISIN", "Aantal", "Koers", "Valuta", "Waarde in EUR"),
    ("Titolo", "Codice ISIN", "Quantità", "Prezzo", "Divisa", "Controvalore EUR"),
    ("Nombre", "ISIN", "Títulos", "Precio", "Moneda", "Valor de mercado (EUR)"),
]


def _written(value, mark, group, minus):
    whole, cents = f"{abs(value):,.2f}".split(".")
    text = whole.replace(",", group) + mark + cents
    return text if value >= 0 else {"-": f"-{text}", "()": f"({text})", "last": f"{text}-"}[minus]


@st.composite
def tables(draw):
    count = draw(st.integers(2, 7))
    cents = st.integers(1, 10**11)
    rows = []
    for i in range(count):
        quantity = draw(st.integers(1, 10**7)) * draw(st.sampled_from([1, 1, 1, -1]))
        rows.append(
            (NAMES[i], ISINS[i], quantity, draw(cents) / 100, "EUR", (1 if quantity > 0 else -1) * draw(cents) / 100)
        )
    mark, group = draw(
        st.sampled_from(
            [(".", ""), (".", ","), (".", "'"), (",", ""), (",", "."), (",", " "), (",", "\u202f"), (",", "\u00a0")]
        )
    )
    return rows, mark, group, draw(st.sampled_from(["-", "()", "last"])), draw(st.sampled_from(TONGUES))


@settings(max_examples=120, deadline=None, derandomize=True)
@given(
    table=tables(),
    delimiter=st.sampled_from(",;\t|"),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    order=st.permutations(range(6)),
    preamble=st.booleans(),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_whatever_the_dialect_the_figures_read_back_equal(*, table, delimiter, encoding, order, preamble, end):
    rows, mark, group, minus, headings = table
    if encoding == "cp1252" and group == "\u202f":
        group = "\u00a0"  # a code page without a thin space has that one
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=end)
    if preamble:
        writer.writerow(["My portfolio"])
        writer.writerow([])
    writer.writerow([headings[i] for i in order])
    for name, isin, quantity, price, currency, value in rows:
        cells = [
            name,
            isin,
            str(quantity),
            _written(price, mark, group, minus),
            currency,
            _written(value, mark, group, minus),
        ]
        writer.writerow([cells[i] for i in order])
    s = read_holdings(out.getvalue().encode(encoding), name="x.csv")
    assert not s.rejected
    assert [(h.isin, h.quantity, h.price, h.market_value) for h in s.holdings] == [
        (r[1], r[2], r[3], r[5]) for r in rows
    ]
    assert [h.row for h in s.holdings] == [i + 2 + 2 * preamble for i in range(len(rows))]
    assert s.currency == "EUR"


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.permutations(range(5)), st.permutations(range(6)))
def test_order_of_rows_and_columns_does_not_matter(rows, columns):
    head = ["Ticker", "Name", "Asset Class", "Market Value", "Weight (%)", "Currency"]
    body = [
        ["NVDA", "NVIDIA CORP", "Equity", "4,000.00", "40.0", "USD"],
        ["ESH6", "S&P500 EMINI MAR 26", "Futures", "0.00", "0.0", "USD"],
        ["TSM", "TAIWAN SEMICONDUCTOR", "Equity", "3,000.00", "30.0", "USD"],
        ["USD", "USD CASH", "Cash", "1,000.00", "10.0", "USD"],
        ["-", "US TREASURY 4.5% 2030", "Fixed Income", "2,000.00", "20.0", "USD"],
    ]
    text = "\n".join(",".join(f'"{r[i]}"' for i in columns) for r in [head, *(body[i] for i in rows)])
    s = read_holdings(text.encode(), name="x.csv")
    assert (s.positions, s.cash, s.unsupported, s.total_market_value, s.currency) == (4, 1, 2, 10_000.0, "USD")
    assert {(h.name, h.kind, h.weight) for h in s.holdings} == {
        ("NVIDIA CORP", "equity", 0.4),
        ("S&P500 EMINI MAR 26", "future", 0.0),
        ("TAIWAN SEMICONDUCTOR", "equity", 0.3),
        ("USD CASH", "cash", 0.1),
        ("US TREASURY 4.5% 2030", "bond", 0.2),
    }


def _read(text, **how):
    return read_holdings(text.encode(), name="x.csv", **how)


def test_pence_are_said_and_pounds_are_computed():
    """500 shares at 289.5 pence are 1,447.50 pounds; without a value it is derived and marked."""
    s = _read(
        "Code,Stock,Units held,Price (pence),Value (£)\nBARC,Barclays plc,500,289.5,1447.50\n"
        "SMT,Scottish Mortgage,10,1000,100.00\n"
    )
    assert [(h.price, h.price_currency, h.market_value, h.value_currency) for h in s.holdings] == [
        (289.5, "GBX", 1447.5, "GBP"),
        (1000.0, "GBX", 100.0, "GBP"),
    ]
    bare = _read("Ticker,Quantity,Price,Currency\nBARC,500,289.5,GBp\n").holdings[0]
    assert (bare.market_value, bare.value_currency, bare.currency, bare.derived) == (
        1447.5,
        "GBP",
        "GBP",
        ("market_value",),
    )


def test_pence_called_pounds_are_found_by_arithmetic():
    s = _read("Ticker,Quantity,Price,Currency,Market Value\nBARC,500,289.5,GBP,1447.50\nVOD,1000,71.2,GBP,712.00\n")
    assert {h.price_currency for h in s.holdings} == {"GBX"} and "read.price-unit" in {i.code for i in s.issues}


def test_sides_and_shorts_give_signs():
    s = _read("Symbol,Side,Quantity,Price,Market Value\nNVDA,Long,10,100.5,1005.00\nTSLA,Short,5,400.5,2002.50\n")
    assert [(h.quantity, h.market_value) for h in s.holdings] == [(10.0, 1005.0), (-5.0, -2002.5)]


def test_option_symbols_are_spelled_out():
    s = _read(
        "Symbol,Quantity,Price ($)\nAAPL  250117C00150000,1,2.5\nSMAL 04/01/2020 32.00 "
        "P,-1,12.53\nTSLA 19JUN26 300 C,2,10\n-NVDA250620P120,1,3\n"
    )
    assert [(h.kind, h.underlying, h.strike, h.right, str(h.expiry)) for h in s.holdings] == [
        ("option", "AAPL", 150.0, "call", "2025-01-17"),
        ("option", "SMAL", 32.0, "put", "2020-04-01"),
        ("option", "TSLA", 300.0, "call", "2026-06-19"),
        ("option", "NVDA", 120.0, "put", "2025-06-20"),
    ]
    assert s.holdings[0].market_value == 250.0, "one contract is on a hundred shares"


def test_options_are_told_however_a_broker_spells_the_month():
    """Two contracts on a hundred shares each, at 5.10: 1,020."""
    s = _read(
        "Symbol,Qty #,Last Price $,Value $\nAAPL,100,222.78,22278.00\nNVDA Jan 17 '25 $140 Call,2,5.10,1020.00\n"
        '"BRK.B January 17, 2025 $450 Put",-1,3.00,-300.00\n'
    )
    assert [(h.kind, h.underlying, h.strike, h.right, str(h.expiry)) for h in s.holdings[1:]] == [
        ("option", "NVDA", 140.0, "call", "2025-01-17"),
        ("option", "BRK.B", 450.0, "put", "2025-01-17"),
    ]
    assert s.issues == (), "a hundred shares to a contract: the value is no contradiction"


def test_german_and_indian_headings_are_understood():
    s = _read(
        "Instrument;ISIN;Anzahl;Währung;Kurs;Marktwert (EUR);Asset-Typ\n"
        "ASML Holding NV;NL0010273215;10;EUR;712,30;7.123,00;Aktie\n"
        "Xtrackers AI;IE00BGV5VN51;55,5;EUR;131,22;7.282,71;ETF\nBarbestand;;;EUR;;1.204,55;\n"
    )
    assert [h.kind for h in s.holdings] == ["equity", "fund", "cash"]
    s = _read('Scrip Name,ISIN,Qty,LTP,Current Value (INR)\nINFOSYS LTD,INE009A01021,"2,500","1,875.25","46,88,125"\n')
    assert [(h.name, h.quantity, h.market_value, h.value_currency) for h in s.holdings] == [
        ("INFOSYS LTD", 2500.0, 4688125.0, "INR")
    ]


def test_pence_of_one_line_are_not_those_of_a_dollar_line():
    """5 · 142.62 dollars are 713.10; 1,000 · 289.55 pence are 2,895.50 pounds."""
    s = _read(
        "Account\tTicker\tShares\tPrice\tMarket Value\tCurrency\nJoint\tNVDA\t5\t142.62\t713.10\tUSD\n"
        "Joint\tBARC.L\t1,000\t289.55p\t£2,895.50\tGBP\n"
    )
    assert [(h.price, h.price_currency, h.market_value, h.value_currency) for h in s.holdings] == [
        (142.62, "USD", 713.1, "USD"),
        (289.55, "GBX", 2895.5, "GBP"),
    ]
    assert s.issues == ()


def test_a_sign_in_the_first_row_is_that_of_all():
    s = _read("Ticker,Shares,Market Value,Currency\nNVDA,1,$142.62,USD\nSAP,1,262.10,EUR\n")
    assert [h.value_currency for h in s.holdings] == ["USD", "EUR"], "the sign is that of its own line"
    s = _read("Ticker,Shares,Market Value\nNVDA,1,$142.62\nSAP,1,262.10\n")
    assert [h.value_currency for h in s.holdings] == ["USD", "USD"]


def test_what_stands_beside_an_isin_is_its_name_and_cash_needs_none():
    s = _read(
        "Valor;Código ISIN;Títulos;Precio;Moneda;Valor de mercado;Fecha\n"
        "INDITEX;ES0148396007;100;52,30;EUR;5.230,00;24/01/2025\n"
        "IBERDROLA;ES0144580Y14;1.000;13,55;EUR;13.550,00;24/01/2025\nEfectivo;;;;EUR;1.250,75;24/01/2025\n"
    )
    assert [(h.kind, h.ticker, h.name) for h in s.holdings] == [
        ("equity", None, "INDITEX"),
        ("equity", None, "IBERDROLA"),
        ("cash", None, "Efectivo"),
    ]


def test_funds_of_money_and_forwards_are_told_by_name():
    s = _read(
        'company,ticker,cusip,shares,"market value ($)"\nTESLA INC,TSLA,88160R101,10,4061.90\n'
        'GOLDMAN FS TRSY OBLIG INST 468,,X9USDGSFT,"5,000","$5,000.00"\nUSD/EUR FWD 20250205,,,,-6800\n'
    )
    assert [h.kind for h in s.holdings] == ["equity", "cash", "fx"]


def test_sections_lots_balances_and_totals_of_a_statement():
    """One summary a position, its lot not again; the closing cash of each currency; sub-totals are no lines."""
    text = (
        'Statement,Header,Field Name,Field Value\nStatement,Data,Period,"January 24, 2025"\n'
        "Cash Report,Header,Currency Summary,Currency,Total\nCash Report,Data,Starting "
        "Cash,EUR,10\nCash Report,Data,Ending Cash,Base Currency Summary,2000\n"
        "Cash Report,Data,Ending Cash,EUR,1500\nCash Report,Data,Ending Cash,USD,520\n"
        "Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Cost Price,Close Price,Value\n"
        "Open Positions,Data,Summary,Stocks,EUR,ASML,5,600,730,3650\nOpen "
        "Positions,Data,Lot,Stocks,EUR,ASML,5,600,730,3650\n"
        "Open Positions,Total,,Stocks,EUR,,,,,3650\nOpen Positions,Data,Summary,Stocks,USD,NVDA,10,100,142.62,1426.2\n"
    )
    s = _read(text)
    assert [(h.kind, h.ticker, h.market_value, h.value_currency) for h in s.holdings] == [
        ("cash", None, 1500.0, "EUR"),
        ("cash", None, 520.0, "USD"),
        ("equity", "ASML", 3650.0, "EUR"),
        ("equity", "NVDA", 1426.2, "USD"),
    ]
    assert s.as_of == date(2025, 1, 24)


def test_positions_are_read_beside_transactions():
    text = (
        "Account Number,Investment Name,Symbol,Shares,Share Price,Total Value,\n1,TOTAL "
        "STOCK MARKET ETF,VTI,10.5,290.12,3046.26,\n\n\n"
        "Account Number,Trade Date,Transaction Type,Symbol,Shares,Share Price,Net Amount,\n"
        "1,2025-01-02,Buy,VTI,1,289,-289,\n"
    )
    s = _read(text)
    assert [h.ticker for h in s.holdings] == ["VTI"] and any("transactions" in i.what for i in s.issues)


def test_contradictions_carry_both_figures():
    """Rows add up to 300, the total says 310; 10 at 15 is 150 where 100 is stated."""
    s = _read("Ticker,Quantity,Price ($),Market Value ($)\nAAA,10,15.00,100.00\nBBB,20,10.00,200.00\nTotal,,,310.00\n")
    assert s.stated_total == 310.0 and s.total_market_value == 300.0
    said = [i.what for i in s.issues]
    assert any("310.00" in w and "300.00" in w for w in said) and any("150.00" in w and "100.00" in w for w in said)


def test_weights_are_fractions_or_percent_by_the_whole_column():
    for cells in ("60,40", "0.6,0.4", "60%,40%"):
        a, b = cells.split(",")
        assert [h.weight for h in _read(f"Ticker,Weight\nNVDA,{a}\nMSFT,{b}\n").holdings] == [0.6, 0.4]


def test_several_dates_are_several_snapshots_but_dates_of_prices_are_not():
    text = (
        "date,symbol,quantity,price,currency\n2024-03-31,AAPL,50,171.48,USD\n"
        "2024-03-31,$CASH,500,,USD\n2024-06-30,AAPL,55,210.62,USD\n"
    )
    first, last = read_all(text.encode(), name="x.csv")
    assert [str(d) for d in last.dates] == ["2024-03-31", "2024-06-30"] and (first.cash, last.cash) == (1, 0)
    assert _read(text, as_of=date(2024, 3, 31)).holdings == first.holdings and _read(text).as_of == date(2024, 6, 30)
    prices = _read("symbol,quantity,price ($),price date\nAAPL,1,200.5,2024-06-28\nOLD,1,3.5,2024-05-01\n")
    assert len(prices.holdings) == 2 and prices.as_of == date(2024, 6, 28)


def test_a_mapping_by_hand_beats_what_was_recognised():
    s = _read("Ticker,Foo,Quantity\nNVDA,12,5\nMSFT,13,6\n", columns={"market_value": "Foo"})
    assert [h.market_value for h in s.holdings] == [12.0, 13.0] and s.columns["market_value"] == "Foo"


@pytest.mark.parametrize(
    "word",
    [
        "TotalEnergies SE",
        "TOTAL SYSTEM SERVICES INC",
        "Future FinTech",
        "Cash Converters International",
        "Summit Materials",
    ],
)
def test_companies_named_like_totals_cash_or_futures_are_companies(word):
    s = _read(
        f"Name,Ticker,Quantity,Price ($),Market Value ($)\n{word},ABC,10,10.50,105.00\nApple Inc,AAPL,1,200.00,200.00\n"
    )
    assert [(h.name, h.kind) for h in s.holdings] == [(word, "equity"), ("Apple Inc", "equity")]


def test_identifiers_damaged_by_a_spreadsheet_are_mended_and_marked():
    """037833100 lost its zero, 0540528 too; B00FWN1 stands in the CUSIP column and is a SEDOL."""
    s = _read(
        "Name,CUSIP,SEDOL,Market Value ($)\nApple,37833100,,1.00\nHSBC,40428040,540528,2.00\n"
        "Alnylam,B00FWN1,,3.00\nNvidia,67066G104,,4.00\n"
    )
    apple, hsbc, alnylam, _ = s.holdings
    assert (apple.cusip, apple.derived) == ("037833100", ("cusip",))
    assert hsbc.sedol == "0540528" and (alnylam.cusip, alnylam.sedol) == (None, "B00FWN1")


def test_an_empty_section_is_understood_by_its_twin():
    """Two accounts under the same headings; the first holds nothing, so its columns say nothing of what they hold."""
    head = "Symbol,Description,Quantity,Price ($),Market Value ($),Weight\n"
    s = _read(f"First\n{head}\nSecond\n{head}NVDA,NVIDIA CORP,1,142.62,142.62,1.0\n")
    assert [(h.ticker, h.account, h.weight) for h in s.holdings] == [("NVDA", "Second", 1.0)]


def test_type_of_account_is_no_asset_class_and_a_bond_is_told_by_its_name():
    s = _read("Symbol,Description,Quantity,Current Value,Type\nNVDA,NVIDIA,1,$142.62,Cash\nMU,MICRON,1,$90.10,Margin\n")
    assert [h.kind for h in s.holdings] == ["equity", "equity"]
    s = _read("Titolo;Quantità;Valore\nBTP 01/03/2030 3,5%;1.000;1.012,00\nENI;10;135,00\n")
    assert [h.kind for h in s.holdings] == ["bond", "equity"]
