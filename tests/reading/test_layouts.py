"""Layouts of houses, brokers and systems, each a small table: what a reader must take from it, and what it must not."""

import io
import zipfile
from datetime import date

import pytest

from exposure.errors import InputError, TransactionsError
from exposure.reading import read_holdings


def _read(text, name="x.csv", encoding="utf-8", **how):
    return read_holdings(text.encode(encoding), name=name, **how)


def _kinds(snapshot):
    return [h.kind for h in snapshot.holdings]


EASTERN = [
    (
        "cp932",
        "基準日,2025/1/24\nコード,銘柄名,通貨,株数,株価,時価評価額,比率(%)\n"
        '7203,トヨタ自動車,JPY,"1,701",2880,"4,898,880",62.0\n6758,ソニーグループ,JPY,900,3250,"2,925,000",37.0\n'
        'JPY,現金,JPY,"76,120",1,"76,120",1.0\n',
        "JPY",
    ),
    (
        "euc_kr",
        "KODEX 200,,,,,\n기준일 : 2025.01.24,,,,,\n번호,종목명,종목코드,수량(주),비중(%),평가금액(원)\n"
        '1,삼성전자,005930,"8,012",62.0,"4,898,880"\n2,SK하이닉스,000660,"1,331",37.0,"2,925,000"\n'
        '3,원화현금,,,1.0,"76,120"\n',
        "KRW",
    ),
    (
        "big5",
        "資料日期,2025年1月24日\n商品代碼,商品名稱,商品數量,商品權重(%),市值(新台幣)\n"
        '2330,台積電,"5,331,000",62.0,"4,898,880"\n2454,聯發科,"331,000",37.0,"2,925,000"\nC_NTD,現金,,1.0,"76,120"\n',
        "TWD",
    ),
    (
        "gb18030",
        "基金名称,华夏科创50ETF\n日期,2025-01-24\n证券代码,证券名称,数量(股),市值(元),占净值比例(%)\n"
        '688981,中芯国际,"3,222","4,898,880",62.0\n688256,寒武纪,222,"2,925,000",37.0\n,现金,,"76,120",1.0\n',
        "CNY",
    ),
]


@pytest.mark.parametrize(("encoding", "text", "currency"), EASTERN)
def test_eastern_headings_are_read_in_their_own_code_pages(encoding, text, currency):
    """4,898,880 + 2,925,000 + 76,120 of cash = 7,900,000."""
    s = _read(text, encoding=encoding)
    assert (s.positions, s.cash, s.total_market_value, s.currency) == (2, 1, 7_900_000.0, currency)
    assert s.as_of == date(2025, 1, 24) and [h.weight for h in s.holdings] == [0.62, 0.37, 0.01]
    assert s.holdings[0].quantity and s.holdings[0].ticker


def test_nordic_and_portuguese_headings_are_understood():
    s = _read(
        "Namn;ISIN;Valuta;Volym;Senaste;Marknadsvärde SEK;Andel %\n"
        "Investor B;SE0015811963;SEK;100;301,24;30 124,00;100\n"
    )
    assert (s.holdings[0].quantity, s.holdings[0].market_value, s.currency) == (100.0, 30124.0, "SEK")
    s = _read("Ativo;Quantidade;Preço;Valor de mercado (R$)\nPETR4;100;37,50;3.750,00\nVALE3;10;53,10;531,00\n")
    assert [(h.ticker, h.market_value, h.value_currency) for h in s.holdings] == [
        ("PETR4", 3750.0, "BRL"),
        ("VALE3", 531.0, "BRL"),
    ]


@pytest.mark.parametrize(
    ("heading", "cell", "worth", "currency"),
    [
        ("Market value\n(Rs. in Lakhs)", "477.50", 47_750_000.0, "INR"),
        ("Market/Fair Value (Rs. in Crores)", "1.25", 12_500_000.0, "INR"),
        ("Value ($000)", "1,234", 1_234_000.0, "USD"),
        ("Value (x$1000)", "1,234", 1_234_000.0, "USD"),
        ("Market Value (mil)", "7.131", 7_131_000.0, "USD"),
        ("Marktwert in Mio. CHF", "7.131", 7_131_000.0, "CHF"),
    ],
)
def test_a_size_in_the_heading_is_part_of_the_figure(heading, cell, worth, currency):
    code = "" if currency != "USD" else "USD"
    s = _read(f'Name,Currency,"{heading}",Weight (%)\nAAA,{code},"{cell}",50.5\nBBB,{code},"{cell}",49.5\n')
    assert [h.market_value for h in s.holdings] == [pytest.approx(worth)] * 2 and s.currency == currency


INDIAN = """,,SBI Mutual Fund,,,,
,,"PORTFOLIO STATEMENT AS ON January 31,2025",,,,
,ISIN,Name of the Instrument,Rating / Industry,Quantity,"Market/Fair Value
( Rs. in Lacs)",% to NAV
,,Equity & Equity related,,,,
,,(a) Listed / awaiting listing on Stock Exchanges,,,,
,INE040A01034,HDFC Bank Limited,Banks,28102331,"4,774.13",48.45%
,INE002A01018,Reliance Industries Limited,Petroleum Products,22102331,"5,000.00",50.75%
,,Sub Total,,,"9,774.13",99.20%
,,(b) UNLISTED,,,NIL,NIL
,,Sub Total,,,NIL,NIL
,,Money Market Instruments,,,,
,,Triparty Repo,,,110.23,1.12%
,,Total,,,110.23,1.12%
,,Net Current Assets,,,-31.02,-0.32%
,,GRAND TOTAL (AUM),,,"9,853.34",100.00%
,,# Less Than 0.01% of NAV,,,,
"""


def test_a_monthly_disclosure_with_sections_and_sub_totals():
    """4,774.13 + 5,000.00 + 110.23 − 31.02 = 9,853.34 lacs, the grand total: 985,334,000 rupees."""
    s = _read(INDIAN)
    assert _kinds(s) == ["equity", "equity", "cash", "cash"] and s.as_of == date(2025, 1, 31)
    assert s.total_market_value == pytest.approx(985_334_000.0) and s.currency == "INR"
    assert s.stated_total == pytest.approx(985_334_000.0)
    assert not [i for i in s.issues if i.code.startswith("read.total")]
    assert sum(h.weight for h in s.holdings) == pytest.approx(1.0)


def test_groups_valued_above_their_lines_are_not_counted_twice():
    """6,788.50 + 2,651.50 = 9,440.00 in the deposit, which is a row of its own; with 1,000.00 of cash 10,440.00."""
    s = _read(
        "Bestand;Name;Symbol;Kurs;Marktwert;ISIN\n;Depot;;;9.440,00;\n"
        "50;NVIDIA;NVD.DE;EUR 135,77;6.788,50;US67066G1040\n"
        "10;SAP;SAP.DE;EUR 265,15;2.651,50;DE0007164600\n;Verrechnungskonto;;;1.000,00;\n;Summe;;;10.440,00;\n"
    )
    assert [(h.name, h.kind) for h in s.holdings] == [
        ("NVIDIA", "equity"),
        ("SAP", "equity"),
        ("Verrechnungskonto", "cash"),
    ]
    assert s.total_market_value == s.stated_total == 10_440.0


def test_sectors_above_their_shares_and_a_nameless_last_row_are_sums():
    s = _read(
        "Name,Ticker,Quantity,Price,Market Value (USD)\nTechnology,,,,600.00\nAAA,AAA,10,40.00,400.00\n"
        "BBB,BBB,10,20.00,200.00\nEnergy,,,,300.00\nCCC,CCC,10,30.00,300.00\n,,,,900.00\n"
    )
    assert [h.ticker for h in s.holdings] == ["AAA", "BBB", "CCC"]
    assert s.stated_total == s.total_market_value == 900.0


def test_a_line_without_a_quantity_is_no_sum_unless_it_adds_up():
    s = _read(
        "Name,Ticker,Quantity,Price,Market Value (USD)\nHouse fund,,,,650.00\nAAA,AAA,10,40.00,400.00\n"
        "BBB,BBB,10,20.00,200.00\n"
    )
    assert [h.name for h in s.holdings] == ["House fund", "AAA", "BBB"]


def test_totals_of_custodians_are_totals_whatever_follows_the_word():
    s = _read(
        "Asset ID,ISIN,Security Description,Local Currency,Shares/Par,Base Price,Base Market Value\nEQUITIES,,,,,,\n"
        '67066G104,US67066G1040,NVIDIA CORP,USD,"50,000",142.62,"7,131,000.00"\nTOTAL EQUITIES,,,,,,"7,131,000.00"\n'
        "CASH AND CASH EQUIVALENTS,,,,,,\n"
        'USD,,US DOLLAR,USD,"217,000",1.00,"217,000.00"\nTOTAL CASH AND CASH EQUIVALENTS,,,,,,"217,000.00"\n'
        'GRAND TOTAL,,,,,,"7,348,000.00"\n'
    )
    assert _kinds(s) == ["equity", "cash"] and s.rejected == ()
    assert s.stated_total == s.total_market_value == 7_348_000.0


def test_a_balance_that_stands_in_another_column_is_a_line_and_its_total_none():
    """12,834.00 of shares and 1,000.00 of cash, named where quantities stand."""
    s = _read(
        "Valeur;Isin;Quantité;Cours;PRM;Valorisation €;% portefeuille\n"
        "LVMH;FR0000121014;10;712,40;600,00;7124,00;55,51\n"
        "TOTALENERGIES SE;FR0000120271;100;57,10;50,00;5710,00;44,49\n"
        ";;;;Total valorisation titres;12834,00;\n;;;;Solde espèces;1000,00;\n;;;;Total portefeuille;13834,00;\n"
    )
    assert [h.name for h in s.holdings] == ["LVMH", "TOTALENERGIES SE", "Solde espèces"] and s.cash == 1
    assert s.stated_total == s.total_market_value == 13_834.0 and s.holdings[0].account is None


SPREADSHEET_XML = (
    '\ufeff<?xml version="1.0"?>\n<ss:Workbook xmlns:ss="urn:schemas-microsoft-com:office:spreadsheet">\n'
    '<ss:Worksheet ss:Name="Historical"><ss:Table><ss:Row><ss:Cell><ss:Data ss:Type="String">Date</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="String">NAV per Share</ss:Data></ss:Cell></ss:Row></ss:Table></ss:Worksheet>\n'
    '<ss:Worksheet ss:Name="Holdings"><ss:Table>\n'
    '<ss:Row><ss:Cell><ss:Data ss:Type="String">Fund Holdings as of</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="String">24-Jan-2025</ss:Data></ss:Cell></ss:Row>\n<ss:Row/>\n<ss:Row>'
    + "".join(
        f'<ss:Cell ss:StyleID="b"><ss:Data ss:Type="String">{h}</ss:Data></ss:Cell>'
        for h in ("Ticker", "Name", "Asset Class", "Market Value", "Currency", "Quantity")
    )
    + '</ss:Row>\n<ss:Row><ss:Cell><ss:Data ss:Type="String">T</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="String">AT&T INC</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="String">Equity</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="Number">2261.0</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="String">USD</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="Number">100</ss:Data></ss:Cell></ss:Row>\n'
    '<ss:Row><ss:Cell><ss:Data ss:Type="String">USD</ss:Data></ss:Cell>'
    '<ss:Cell ss:Index="3"><ss:Data ss:Type="String">Cash</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="Number">39.5</ss:Data></ss:Cell>'
    '<ss:Cell><ss:Data ss:Type="String">USD</ss:Data></ss:Cell></ss:Row>\n'
    "</ss:Table></ss:Worksheet></ss:Workbook>"
)


def test_the_xml_that_houses_call_xls_is_a_workbook():
    """Not well-formed: the ampersand of AT&T stands bare, as in such files; a cell left out is told by an index."""
    s = _read(SPREADSHEET_XML, name="fund.xls")
    assert [(h.row, h.kind, h.ticker, h.name, h.market_value) for h in s.holdings] == [
        (4, "equity", "T", "AT&T INC", 2261.0),
        (5, "cash", "USD", None, 39.5),
    ]
    assert (s.format, s.as_of, s.currency, s.total_market_value) == ("xls", date(2025, 1, 24), "USD", 2300.5)


def test_a_web_page_called_xls_is_read_by_its_table_and_any_other_refused():
    page = (
        "<html><head><style>td{}</style></head><body><table><tr><td colspan=3>As of 24-Jan-2025</td></tr>"
        "<tr><th>Asset Name</th><th>CUSIP</th><th>Shares</th><th>Price</th><th>Market&nbsp;Value (USD)</th></tr>"
        "<tr><td>NVIDIA CORP</td><td>67066G104</td><td>50,000</td><td>142.62</td><td>7,131,000.00</td></tr>"
        "<tr><td colspan=4>Total</td><td>7,131,000.00</td></tr></table></body></html>"
    )
    s = _read(page, name="holdings.xls")
    assert [(h.cusip, h.market_value) for h in s.holdings] == [("67066G104", 7_131_000.0)]
    assert (s.stated_total, s.as_of) == (7_131_000.0, date(2025, 1, 24))
    with pytest.raises(InputError, match="web page"):
        _read("<html><body><table><tr><td>Error</td><td>404</td></tr></table></body></html>", name="holdings.xls")


@pytest.mark.parametrize(
    ("ending", "settled"),
    [
        ("Ending Cash", "Ending Settled Cash"),
        ("Endbarsaldo", "Abgerechneter Endbarsaldo"),
        ("Solde de liquidités de clôture", "Solde de clôture des liquidités réglées"),
    ],
)
def test_a_closing_balance_and_its_settled_twin_are_one(ending, settled):
    s = _read(
        "Cash Report,Header,Currency Summary,Currency,Total,Securities\nCash Report,Data,Starting Cash,EUR,10,10\n"
        f"Cash Report,Data,{ending},Base Currency Summary,1500,1500\nCash Report,Data,{ending},EUR,1200,1200\n"
        f"Cash Report,Data,{settled},EUR,1100,1100\nCash Report,Data,{ending},USD,315,315\n"
        "Open Positions,Header,DataDiscriminator,Asset Category,Currency,Symbol,Quantity,Close Price,Value\n"
        "Open Positions,Data,Summary,Stocks,EUR,SAP,10,265.15,2651.5\n"
    )
    assert [(h.market_value, h.value_currency) for h in s.holdings if h.kind == "cash"] == [
        (1200.0, "EUR"),
        (315.0, "USD"),
    ]


def test_balances_of_a_query_with_framed_sections_leave_out_their_sum():
    s = _read(
        '"BOF","U1"\n"HEADER","CRTT","CurrencyPrimary","EndingCash"\n"DATA","CRTT","BASE_SUMMARY","1500"\n'
        '"DATA","CRTT","EUR","1200"\n"DATA","CRTT","USD","315"\n"EOS","CRTT","3"\n'
        '"HEADER","POST","CurrencyPrimary","AssetClass","Symbol","ReportDate","Quantity","MarkPrice","PositionValue"\n'
        '"DATA","POST","USD","STK","NVDA","20250124","50","142.62","7131"\n"EOS","POST","1"\n"EOF","U1"\n'
    )
    assert [(h.kind, h.market_value, h.value_currency) for h in s.holdings] == [
        ("cash", 1200.0, "EUR"),
        ("cash", 315.0, "USD"),
        ("equity", 7131.0, "USD"),
    ]


@pytest.mark.parametrize(
    "headings",
    [
        "Produkt,Symbol/ISIN,Antal,Lukkekurs,Lokal værdi,,Værdi i EUR",
        "Produto,Symbol/ISIN,Qtd.,Fecho,Valor Local,,Valor em EUR",
        "Produkt,Symbol/ISIN,Liczba,Zamknięcie,Wartość lokalna,,Wartość w EUR",
        "Produkt,Symbol/ISIN,Počet,Uzavírací,Místní hodnota,,Hodnota v EUR",
        "Tuote,Symboli/ISIN,Määrä,Päätöshinta,Paikallinen arvo,,Arvo EUR",
    ],
)
def test_one_export_in_more_tongues_reads_alike(headings):
    s = _read(
        f'{headings}\nCASH & CASH FUND (EUR),,,,EUR,"164,14","164,14"\n'
        'NVIDIA CORP,US67066G1040,50,"142,62",USD,"7131,00","6788,50"\n'
    )
    assert [(h.kind, h.name, h.quantity, h.market_value) for h in s.holdings] == [
        ("cash", "CASH & CASH FUND (EUR)", None, 164.14),
        ("equity", "NVIDIA CORP", 50.0, 6788.5),
    ]
    assert s.currency == "EUR"


def test_a_value_in_the_reference_currency_stands_in_the_one_the_preamble_names():
    """50,000 + 10,000 (10,500 dollars at 1.05) + 679,142.86 = 739,142.86 euros."""
    s = _read(
        "Reference currency: EUR\nDescription,ISIN,Nominal/Units,Ccy,Market price,Market value in ref. ccy\n"
        "Current account EUR,,50000,EUR,,50000\nCurrent account USD,,10500,USD,,10000\n"
        "NVIDIA CORP,US67066G1040,5000,USD,142.62,679142.86\n"
    )
    assert _kinds(s) == ["cash", "cash", "equity"]
    assert (s.currency, s.total_market_value) == ("EUR", pytest.approx(739_142.86))


def test_a_report_of_fixed_width_is_parted_where_its_headings_stand():
    """The dollar balance has no ISIN: its figures go to the headings above them, not to the next cell."""
    s = _read(
        "HOLDINGS REPORT AS OF 24-JAN-2025\n\n"
        "SECURITY NAME             ISIN            SHARES      PRICE     MARKET VALUE USD\n"
        "NVIDIA CORP               US67066G1040    50,000      142.62    7,131,000.00\n"
        "US DOLLAR                                 12,220      1.00      12,220.00\n"
        "TOTAL                                                           7,143,220.00\n"
    )
    assert [(h.kind, h.isin, h.quantity, h.market_value) for h in s.holdings] == [
        ("equity", "US67066G1040", 50_000.0, 7_131_000.0),
        ("cash", None, 12_220.0, 12_220.0),
    ]
    assert s.stated_total == s.total_market_value and s.as_of == date(2025, 1, 24)


def test_a_time_behind_the_date_in_a_file_name_is_no_date():
    assert _read("Ticker,Quantity\nNVDA,5\n", name="posicao-2025-01-24-10-11-12.csv").as_of == date(2025, 1, 24)


def test_the_second_of_two_rows_of_headings_counts():
    s = _read(
        "Portfolio: ACME,As of: 01/24/25\n,,Position,Price,Market Value,Weight %,\n"
        "Security,ISIN,Pos,Px Close,Mkt Val,Wgt (%),Crncy\n"
        'Total,,,,"8,131,000",100.00,\nNVDA US Equity,US67066G1040,"50,000",142.62,"7,131,000",87.70,USD\n'
        'USD Curncy,,"1,000,000",1.00,"1,000,000",12.30,USD\n'
    )
    assert [(h.kind, h.ticker, h.quantity) for h in s.holdings] == [
        ("equity", "NVDA US Equity", 50_000.0),
        ("cash", "USD Curncy", 1_000_000.0),
    ]
    assert s.rejected == () and s.stated_total == s.total_market_value == 8_131_000.0


def test_bonds_are_told_by_percent_where_shares_have_a_currency():
    s = _read(
        "Name;ISIN;Stück/Nominal;Kurs;Währung/Prozent;Gesamtwert EUR\nNVIDIA;US67066G1040;50,000;135,77;EUR;6.788,50\n"
        "BUNDANL.V. 20/30;DE0001102507;10.000,000;88,10;%;8.810,00\n"
    )
    assert _kinds(s) == ["equity", "bond"] and s.issues == ()


def test_a_put_of_a_filing_is_an_option():
    s = _read(
        "nameOfIssuer,cusip,value,sshPrnamt,sshPrnamtType,putCall\nAPPLE INC,037833100,75126000,300000,SH,\n"
        "NVIDIA CORPORATION,67066G104,134290,1000,SH,Put\n"
    )
    assert [(h.kind, h.quantity, h.market_value) for h in s.holdings] == [
        ("equity", 300000.0, 75126000.0),
        ("option", 1000.0, 134290.0),
    ]


def test_the_base_value_beats_the_local_one_and_the_total_in_one_currency_the_mixed_one():
    s = _read(
        "Security ID,Description,Shares/Par,Local Currency Code,Market Value (Local),Market Value (Base),"
        "Base Currency Code\n"
        "67066G104,NVIDIA CORP,50,USD,7131.00,7131.00,USD\nD66992104,SAP SE,20,EUR,5303.00,5568.20,USD\n"
    )
    assert (s.currency, s.total_market_value) == ("USD", pytest.approx(12_699.2))
    s = _read(
        "Symbol;ISIN;Quantity;Total value;Price;Currency;Total CHF\nNESN;CH0038863350;100;7'550.00;75.50;CHF;7'550.00\n"
        "NVDA;US67066G1040;50;7'131.00;142.62;USD;6'460.00\n"
    )
    assert (s.currency, s.total_market_value) == ("CHF", 14_010.0)


def test_values_whose_currency_only_another_heading_names_are_not_in_that_of_each_line():
    s = _read(
        "Namn;Volym;Marknadsvärde;GAV (SEK);Valuta;ISIN\nInvestor B;100;30 123,50;250,00;SEK;SE0015811963\n"
        "NVIDIA;50;78 441,00;1100,00;USD;US67066G1040\n"
    )
    assert (s.currency, s.total_market_value) == ("SEK", pytest.approx(108_564.5))
    assert any("SEK" in i.what for i in s.issues)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        (
            "Base currency,U.S. Dollar\nSymbol,Shares,Price,Market Value\nNVDA,50,142.62,7131.00\n"
            "SAP,5,265.15,1325.75\n",
            "USD",
        ),
        ("Security Ticker,Shares,Market Value Base\nMSFT US,22,9769.32\nAAPL US,29,6460.62\n", "USD"),
        (
            "Symbol,ISIN,Quantity,Closing value\nINFY,INE009A01021,10,18752.50\nRELIANCE,INE002A01018,10,12463.00\n",
            "INR",
        ),
        (
            "銘柄コード,銘柄名称,保有株数,現在値,評価額\n7203,トヨタ自動車,100,2880,288000\n6758,ソニーグループ,200,3250,650000\n",
            "JPY",
        ),
        ('Instrument,Quantity,Market Value\nAAA,10,"R 1,332,102.11"\nBBB,20,"R 332,102.11"\n', "ZAR"),
    ],
)
def test_a_currency_is_found_wherever_the_file_says_it(text, currency):
    assert _read(text).currency == currency


def test_lots_bought_once_with_an_empty_column_of_actions_are_positions():
    s = _read(
        "Symbol,Current Price,Date,Trade Date,Purchase Price,Quantity,Commission,Transaction Type\n"
        "NVDA,142.62,2025/01/24,20240506,92.10,50,0.0,\nSAP.DE,265.15,2025/01/24,20240507,200.0,10,0.0,\n"
    )
    assert [(h.ticker, h.quantity, h.price) for h in s.holdings] == [("NVDA", 50.0, 142.62), ("SAP.DE", 10.0, 265.15)]
    assert s.as_of == date(2025, 1, 24)


@pytest.mark.parametrize(
    ("text", "says", "remedy"),
    [
        (
            "Date,NAV,Daily Return\n2025-01-22,101.2,0.5%\n2025-01-23,101.4,0.2%\n",
            "list by date",
            "export of positions",
        ),
        (
            "Symbol,Name,Last Price,Change,Volume\nNVDA,NVIDIA,142.62,-4.6,100\nMU,Micron,90.1,-1.2,50\n",
            "how much is held",
            "Quantity",
        ),
        (
            "Symbol,Description,Closed Date,Quantity,Proceeds,Cost Basis,Gain/Loss ($)\n"
            "NVDA,NVIDIA,01/15/2025,10,1401.00,921.00,480.00\n",
            "transactions",
            "export of positions",
        ),
        (
            "txid,time,type,asset,amount,fee,balance\nL1,2025-01-20 10:00:00,deposit,ZEUR,1000.0,0.0,1000.0\n"
            "L2,2025-01-24 10:00:00,trade,ZEUR,-500.0,1.3,498.7\nL3,2025-01-24 10:00:00,trade,XXBT,0.005,0,0.005\n",
            "transactions",
            "export of positions",
        ),
    ],
)
def test_what_looks_like_holdings_and_is_none_is_refused_with_what_to_ask_for(text, says, remedy):
    with pytest.raises(InputError) as refusal:
        _read(text)
    assert says in refusal.value.what and remedy in refusal.value.remedy


def test_the_account_summed_up_below_its_lines_is_no_line():
    s = _read(
        'Instrument,Qty,Trade Price,Mark,P/L Open\nNVDA,+50,100.00,142.62,"$2,131.00"\n'
        "AAPL,+5,150.00,222.78,$363.90\n,,,,\n\n"
        'Cash & Sweep Vehicle,"$2,100.00"\nOVERALL P/L YTD,"$2,494.90"\n'
    )
    assert [(h.kind, h.ticker or h.name) for h in s.holdings][:2] == [("equity", "NVDA"), ("equity", "AAPL")]
    assert s.positions == 2 and [r.row for r in s.rejected] == [7]


def test_a_percent_of_gains_is_no_weight():
    s = _read(
        "Bezeichnung;ISIN;Kurs;Wert;;Gewinn/Verlust;;%\nNVIDIA;US67066G1040;135,77;6.788,50;EUR;2.028,50;EUR;42,61\n"
    )
    assert s.holdings[0].weight is None and s.holdings[0].market_value == 6788.5


def test_text_aligned_by_spaces_is_a_table():
    s = _read("Ticker Quantity\nNVDA 50\nAAPL 5\n", name="pasted.txt")
    assert [(h.ticker, h.quantity) for h in s.holdings] == [("NVDA", 50.0), ("AAPL", 5.0)]
    s = _read("Ticker    Name              Weight\nNVDA      NVIDIA Corp       60%\nAAPL      Apple Inc         40%\n")
    assert [(h.ticker, h.name, h.weight) for h in s.holdings] == [
        ("NVDA", "NVIDIA Corp", 0.6),
        ("AAPL", "Apple Inc", 0.4),
    ]


def test_accounts_of_an_archive_are_kept_apart():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("ISA.csv", "Symbol,Quantity,Price,Currency\nNVDA,5,142.62,USD\nAAPL,2,222.78,USD\n")
        archive.writestr("SIPP.csv", "Symbol,Quantity,Price,Currency\nNVDA,50,142.62,USD\nMSFT,1,444.06,USD\n")
    s = read_holdings(file.getvalue(), name="accounts.zip")
    assert [(h.ticker, h.account) for h in s.holdings] == [
        ("NVDA", "ISA"),
        ("AAPL", "ISA"),
        ("NVDA", "SIPP"),
        ("MSFT", "SIPP"),
    ]


def test_placeholder_identifiers_are_none():
    s = _read("Name,CUSIP,ISIN,Market Value ($)\nNVIDIA,67066G104,US67066G1040,10\nSAP SE,000000000,DE0007164600,20\n")
    assert [h.cusip for h in s.holdings] == ["67066G104", None]


def test_the_date_of_creation_is_not_that_of_the_holdings():
    s = _read(
        'Posiciones del fondo a,"24-ene-2025"\nFecha de creación,"10-ene-2012"\nTicker,Nombre,Cantidad\nNVDA,NVIDIA,5\n'
    )
    assert s.as_of == date(2025, 1, 24)


def test_refusals_of_lists_of_dealings_are_of_their_own_kind():
    with pytest.raises(TransactionsError, match="transactions"):
        _read(
            "Date,Symbol,Name,Type,Gross Amount,Tax\n2025-01-10,AAPL,Apple,Dividend,10.00,1.50\n"
            "2025-01-15,MSFT,MS,Dividend,12,1.8\n"
        )


DEALT = [
    (
        "Instrument;ISIN;Handelsdato;Køb/Salg;Antal;Kurs;Valuta\nNVIDIA;US67066G1040;15-01-2025;Køb;5;138,10;USD\n",
        ("US67066G1040", 5.0, "USD"),
    ),
    (
        "Datum;Konto;Typ av transaktion;Värdepapper/beskrivning;Antal;Kurs;Transaktionsvaluta;Instrumentvaluta;ISIN\n"
        "2025-01-15;1;Köp;NVIDIA;5;138,10;SEK;USD;US67066G1040\n"
        "2025-01-16;1;Sålt;NVIDIA;-2;140,10;SEK;USD;US67066G1040\n"
        "2025-01-10;1;Insättning;Insättning;;;SEK;;\n",
        ("US67066G1040", 3.0, "USD"),
    ),
    (
        "date;status;description;type;isin;shares;price;currency\n"
        "2025-01-15;Executed;NVIDIA;Savings plan;US67066G1040;1,5;138,10;EUR\n"
        "2025-01-16;Cancelled;NVIDIA;Buy;US67066G1040;100;138,10;EUR\n",
        ("US67066G1040", 1.5, "EUR"),
    ),
    (
        'Activity Date,Instrument,Description,Trans Code,Quantity,Price\n1/24/2025,NVDA,"NVIDIA\n'
        'CUSIP: 67066G104",Buy,5,$142.62\n'
        '1/15/2025,,ACH Deposit,ACH,,\n1/14/2025,AAPL,"Apple\nCUSIP: 037833100",Sell,1,$233.28\n'
        '1/10/2025,AAPL,"Apple\nCUSIP: 037833100",Buy,1,$236.85\n',
        ("NVDA", 5.0, "USD"),
    ),
    (
        "Security / ISIN,Transaction Type,Quantity,Share Price,Trade Date/Time\n"
        "Vanguard S&P 500 / ISIN IE00B3XXRP09,Buy,3.51,£86.41,15/01/25 15:33:11\n",
        ("IE00B3XXRP09", 3.51, "GBP"),
    ),
]


@pytest.mark.parametrize(("text", "held"), DEALT)
def test_dealings_in_more_tongues_and_forms_and_never_an_order_that_was_not_executed(text, held):
    s = _read(text)
    assert [(h.isin or h.ticker, h.quantity, h.price_currency) for h in s.holdings] == [held]


@pytest.mark.parametrize(
    "text",
    [
        '"Buchungstag";"Stück / Nom.";"Bezeichnung";"WKN";"Währung";"Ausführungskurs";"Umsatz in EUR"\n'
        '"15.01.2025";"5";"NVIDIA CORP.";"918422";"EUR";"132,10";"-660,50"\n'
        '"10.01.2025";"-2";"SAP SE";"716460";"EUR";"250,10";"500,20"\n',
        "Timezone,Date,Time,Type,Currency,Amount,Quote Price,Status\n"
        "Europe/Amsterdam,2025-01-15,10:11:12,buy,BTC,0.01,95000.00,Completed\n"
        "Europe/Amsterdam,2025-01-14,10:11:12,deposit,EUR,1000,,Completed\n",
        "Date,Reference,Details,Debit($),Credit($),Balance($)\n15/01/2025,C1,B 50 CBA @ 158.10,7935.95,,1000.00\n",
        "Verkaufsdatum;Wertpapier;Stück;Verkaufserlös;Gewinn/Verlust\n15.01.2025;NVIDIA;10;1.321,00;400,00\n",
        "Orderstatus;Ordernummer;ISIN;Name;Art;Stück;Limit;Gültig bis\n"
        "offen;123;US67066G1040;NVIDIA;Kauf;10;130,00;31.01.2025\n"
        "offen;124;DE0007164600;SAP;Verkauf;5;250,00;31.01.2025\n",
        "XXX-LFDNR;XXX-BUDAT;XXX-WPGART;XXX-WPNR;XXX-NW\n1;20230803;Kauf;IE00077FRP95;5\n",
        "Buchung;Auftraggeber/Empfänger;Buchungstext;Saldo;Betrag\n24.01.2025;MAX;Gutschrift;1.000,00;100,00\n",
    ],
)
def test_movements_are_never_taken_for_positions(text):
    with pytest.raises(InputError, match="transactions") as refusal:
        _read(text)
    assert "export of positions" in refusal.value.remedy


def test_quotes_after_a_space_and_codes_guarded_by_a_formula_are_read():
    s = _read('Symbol,Shares,Market Value ($)\n="NVDA",50, "7,131.00"\n="AAPL",5, "1,113.90"\n')
    assert [(h.ticker, h.market_value) for h in s.holdings] == [("NVDA", 7131.0), ("AAPL", 1113.9)]


@pytest.mark.parametrize(
    ("headings", "fields"),
    [
        ("Asset,Units,Current Price,Net Value", {"ticker", "quantity", "price", "market_value"}),
        ("Stock,Qty", {"ticker", "quantity"}),
        ("Tickers,Allocations", {"ticker", "weight"}),
        ("Constituent Ticker,Constituent Weighting", {"ticker", "weight"}),
        ("Instrument Code,HLDG_QTY,MKT_PX,MKT_VAL_BASE", {"ticker", "quantity", "price", "market_value"}),
        ("Investment ticker symbol,Shares owned", {"ticker", "quantity"}),
        ("SHARE CODE,NUMBER OF SHARES,WEIGHT,% NAV", {"ticker", "quantity", "weight"}),
    ],
)
def test_short_and_unusual_headings_are_enough(headings, fields):
    width = headings.count(",")
    row = "".join(f",{n}" for n in (50, 2, 100)[:width])
    s = _read(f"{headings}\nNVDA{row}\nAAPL{row}\n")
    assert fields <= s.columns.keys() and [h.ticker for h in s.holdings] == ["NVDA", "AAPL"]


def test_a_state_loan_is_a_bond_by_its_name_and_a_name_of_all_capitals_beside_an_isin_is_a_name():
    s = _read(
        "Titolo;Codice ISIN;Quantità;Controvalore EUR\nENI;IT0003132476;100;1.430,00\n"
        "BTP TF 4,00% AP35;IT0005508590;5.000;5.160,00\nLiquidità;;;250,00\n"
    )
    assert _kinds(s) == ["equity", "bond", "cash"] and s.holdings[0].name == "ENI"


def test_a_treasury_bill_at_par_is_a_bond_and_a_fund_of_them_a_fund():
    s = _read(
        "Ticker,Description,Shares,Market Value ($)\nNVDA,NVIDIA CORP,10,1426.20\n,TREASURY BILL,300000,300000.00\n"
        "TLT,iShares 20+ Year Treasury Bond ETF,10,880.00\n,NET OTHER ASSETS / CASH,500,500.00\n"
    )
    assert _kinds(s) == ["equity", "bond", "fund", "cash"]


def test_cash_in_two_languages_and_in_the_column_of_symbols_is_cash():
    s = _read(
        "Symbole / Ticker,Nom du titre / Security Name,Actions / Shares,Valeur marchande / Market Value (CAD)\n"
        "NVDA US,NVIDIA CORP,1000,204000.00\n,Trésorerie / Cash,,8100.00\n"
    )
    assert _kinds(s) == ["equity", "cash"]
    s = _read("股票代碼,股票名稱,股數,金額\n2330,台積電,210331,235570720\n現金(TWD),,,2203222\n")
    assert _kinds(s) == ["equity", "cash"]


def test_lines_of_several_funds_in_one_file_are_told_apart_and_said():
    s = _read(
        "Fund,Fund Name,Symbol,Holding Name,Shares,Market Value ($)\nAAA,First ETF,NVDA,NVIDIA CORP,1,142.62\n"
        "AAA,First ETF,MSFT,MICROSOFT CORP,1,444.06\nBBB,Second ETF,NVDA,NVIDIA CORP,2,285.24\n"
        "BBB,Second ETF,AAPL,APPLE INC,1,222.78\n"
    )
    assert [(h.ticker, h.name, h.account) for h in s.holdings] == [
        ("NVDA", "NVIDIA CORP", "AAA"),
        ("MSFT", "MICROSOFT CORP", "AAA"),
        ("NVDA", "NVIDIA CORP", "BBB"),
        ("AAPL", "APPLE INC", "BBB"),
    ]
    assert any("lines of 2 funds, AAA, BBB, are read as one book" in i.what for i in s.issues)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Aktier", "equity"),
        ("Titres à revenu fixe", "bond"),
        ("Contrats à terme", "future"),
        ("Contrats de change à terme", "fx"),
        ("Barsicherheiten und Einschüsse", "cash"),
        ("Ações", "equity"),
        ("Renda fixa", "bond"),
        ("Fonder", "fund"),
        ("Obbligazionario", "bond"),
        ("Azionario", "equity"),
    ],
)
def test_classes_are_told_in_more_tongues(words, kind):
    s = _read(f"Name;Asset Class;Currency;Market Value\nEXAMPLE ONE;{words};EUR;100,50\nSAP;Equity;EUR;200,25\n")
    assert _kinds(s) == [kind, "equity"]


def test_a_second_table_worth_the_same_is_the_fund_seen_through_and_no_second_fund():
    """One fund of bitcoins holds another: below it stand the coins, worth the same. 486.94 + 0.08 = 487.02 once."""
    head = "Ticker,Name,Asset Class,Market Value,Shares,Currency\n"
    cash = "CAD,CAD CASH,Cash,81.90,81,CAD\n"
    s = _read(
        f"Fund Holdings as of,2026-09-17\n{head}IBIT,ISHARES BITCOIN TRUST ETF,Alternative,486941.10,8040,CAD\n{cash}"
        f"\nFund Holdings as of,2026-09-17\n{head}BTC,BITCOIN,Alternative,486941.10,785,CAD\n{cash}"
    )
    assert [h.ticker for h in s.holdings] == ["IBIT", "CAD"] and s.total_market_value == pytest.approx(487_023.0)
    assert "read.table-seen-through" in {i.code for i in s.issues}


def test_a_listed_fund_of_bonds_is_a_fund():
    s = _read(
        "Ticker,Name,Asset Class,Market Value,Maturity,Currency\n"
        "XBB,ISHS CORE CAD UNIV BND IDX ETF,Fixed Income,100.00,-,CAD\n"
        "CAN,CANADA (GOVERNMENT OF),Fixed Income,50.00,2031-06-01,CAD\n"
    )
    assert _kinds(s) == ["fund", "bond"]


def test_a_total_before_dealings_is_not_that_of_what_is_held():
    s = _read(
        "Total:,100.00\n\nTrade Date,Activity Type,Description,Symbol,Quantity #,Price $\n"
        "01/15/25,Bought,NVIDIA CORP,NVDA,5,138.10\n"
    )
    assert s.stated_total is None and [h.market_value for h in s.holdings] == [690.5]


def test_cash_kept_as_a_symbol_is_cash():
    s = _read("Ticker,Shares\nBABA,1\nINITIAL_CASH,1591.24\nCASH_BALANCE,10\nTSM,153\n")
    assert _kinds(s) == ["equity", "cash", "cash", "equity"]


HELD = "Ticker,Name,Shares,Market Value (EUR)\nNVDA,NVIDIA,5,713.10\nSAP,SAP,1,265.15\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Report date: 27/01/2025\nHoldings as of: 24/01/2025\n" + HELD, "x.csv"),
        ("As of 24/01/2025\nGenerated 27/01/2025\n" + HELD, "x.csv"),
        ("Holdings as of,24/01/2025,Printed,27/01/2025\n" + HELD, "x.csv"),
        ("Fund launch date: 10/07/2001\nAs at 24/01/2025\n" + HELD, "x.csv"),
        ("Period,01/01/2025 - 24/01/2025\n" + HELD, "x.csv"),
        (HELD + "\nData as of close of business 24/01/2025.\n", "x.csv"),
        ("As of 24/01/2025\n" + HELD + "\nCopyright 2026 ACME. Printed 30/01/2026\n", "x.csv"),
        ("Posição em 24 de janeiro de 2025\n" + HELD, "x.csv"),
        ("Stan na dzień 24 stycznia 2025\n" + HELD, "x.csv"),
        (HELD, "holdings-01-24-2025.csv"),
        (HELD, "ACME_20250124_holdings.csv"),
    ],
)
def test_of_several_dates_that_of_the_holdings_counts(text, name):
    assert _read(text, name=name).as_of == date(2025, 1, 24)
