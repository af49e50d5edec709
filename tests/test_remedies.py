"""Each remedy of the command line that names an option is provoked, followed, and seen to work."""

import ast
import io
import json
import re
import string
from dataclasses import dataclass
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from exposure.cli import main
from exposure.messages import LOCALES

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("reading", "chain", "cli")
CATALOGUES = ("files", *ROOMS)
OPTION = re.compile(r"--[a-z]")
BOOK = "As of,2025-01-24\n\nTicker,Name,Quantity,Price,Currency,Market value\nNVDA,NVIDIA,100,142.62,USD,14262\n"
UNDATED = "Ticker,Name,Quantity,Price,Currency,Market value\nNVDA,NVIDIA,100,142.62,USD,14262\n"
TWO = UNDATED + "SAP.DE,SAP SE,10,260,EUR,2600\n"
FUND = "As of,2025-01-24\n\nTicker,Name,Quantity,Price,Currency,Market value,Asset class\n"
FUND += "SMH,VanEck Semiconductor ETF,10,250,USD,2500,ETF\n"
OPTION_BOOK = "As of,2025-01-24\n\nTicker,Name,Quantity,Price,Currency,Market value,Asset class\n"
OPTION_BOOK += "NVDA  250321C00150000,NVDA US 03/21/25 C150,2,5,USD,1000,Option\nCASH,US Dollar,,,USD,9000,Cash\n"
PRICES = "date,ticker,close,currency\n" + "".join(
    f"2025-01-{day:02d},NVDA,{close},USD\n" for day, close in ((22, 140.0), (23, 141.0), (24, 142.62), (27, 118.4))
)


@dataclass
class Case:
    """A command that is told the remedy, and what is written instead (`…`: the same and this)."""

    remedy: str
    files: dict[str, str]
    command: str
    followed: tuple[str, ...]


CASES = [
    Case("mend the mapping given by --columns", {"b.csv": BOOK, "m.json": '{"quantity": "Pieces"}',
         "mended.json": '{"quantity": "Quantity"}'}, "inspect b.csv --columns m.json",
         ("inspect b.csv --columns mended.json",)),
    Case("add Quantity, Market value or Weight, or map them with --columns",
         {"b.csv": "Ticker,Name,Bits\nNVDA,NVIDIA,100\n"},
         "inspect b.csv", ("inspect b.csv --columns bits.json",)),
    Case("add a row of headings such as Ticker, Name, Quantity, Market value, or map them with --columns",
         {"b.csv": "Thing,Worth\nNVIDIA,14262\nMicrosoft,500\n"}, "inspect b.csv",
         ("inspect b.csv --columns thing.json",)),
    Case("add headings such as Ticker, Name, Quantity, Market value, or map them with --columns",
         {"b.xlsx": "Thing,Worth"}, "inspect b.xlsx", ("inspect b.xlsx --columns thing.json",)),
    Case("export the holdings again, or map the columns with --columns",
         {"b.csv": "Ticker,Name,Quantity,Bits\nNVDA,NVIDIA,,100\nMSFT,Microsoft,,10\n"},
         "inspect b.csv", ("inspect b.csv --columns bits.json",)),
    Case("--decimal . or --decimal ,",
         {"b.csv": "Name;ISIN;Quantity;Market value (EUR)\nSAP SE;DE0007164600;7;1,234\n"},
         "inspect b.csv", ("… --decimal .", "… --decimal ,")),
    Case("say --decimal . or --decimal ,", {"b.csv": "Name\tISIN\tQuantity\tMarket value\nX\tDE0007164600\t7\t1,234\n"},
         "inspect b.csv", ("… --decimal .", "… --decimal ,")),
    Case("say --dates mdy or --dates dmy", {"b.csv": "Name,ISIN,Quantity,Date\nSAP SE,DE0007164600,7,03/04/2025\n"},
         "inspect b.csv", ("… --dates mdy", "… --dates dmy")),
    Case("--dates mdy or --dates dmy", {"b.csv": "Ticker,Quantity,Market value ($),Date\nNVDA,7,100,03/04/2025\n"},
         "inspect b.csv", ("… --dates mdy", "… --dates dmy")),
    Case("say --unit GBX=GBX or --unit GBX=GBP", {"b.csv": "Ticker,Currency,Market value\nSGE.L,GBp,13000\n"},
         "segments b.csv", ("… --unit GBX=GBX", "… --unit GBX=GBP")),
    Case("say --unit GBX=GBX if that is wrong", {"b.csv": "Ticker,Quantity,Price,Currency,Market value\n"
         "SGE.L,1000,1300,GBX,13000\nVOD.L,,,GBX,712\n"}, "inspect b.csv", ("… --unit GBX=GBX",)),
    Case("export it with values, or add prices with --prices FILE",
         {"b.csv": "As of,2025-01-24\n\nTicker,Quantity\nNVDA,10\n"},
         "segments b.csv", ("… --prices p.csv",)),
    Case("add its price with --prices FILE", {"b.csv": BOOK.replace("NVDA,NVIDIA,100,142.62,USD,14262",
         "MSFT,Microsoft,1,400,USD,400\nNVDA,NVIDIA,100,,USD,")}, "segments b.csv", ("… --prices p.csv",)),
    Case("add TWDUSD=X to the prices (--prices FILE), or bring stored rates up to date with `prices fetch`",
         {"b.csv": BOOK + "2330.TW,TSMC,10,1000,TWD,10000\n",
          "rates.csv": PRICES + "2025-01-24,TWDUSD=X,0.031,USD\n"},
         "segments b.csv --base-currency USD", ("… --prices rates.csv",)),
    Case("add a column Notional value, or the underlying's price with --prices FILE",
         {"b.csv": OPTION_BOOK, "o.csv": "isin,ticker,segment,weight,reason,date,author,delta\n"
          ",NVDA  250321C00150000,,,hedged,2025-01-24,ann,0.5\n"},
         "segments b.csv --overrides o.csv", ("… --prices p.csv",)),
    Case("name one with --base-currency", {"b.csv": "Name,Quantity,Market value\nSomething,10,100\n"}, "segments b.csv",
         ("… --base-currency USD",)),
    Case("choose another with --base-currency", {"b.csv": "As of,2025-01-24\n\n" + TWO}, "segments b.csv",
         ("… --base-currency EUR", "… --base-currency USD")),
    Case("name it with --as-of DATE", {"b.csv": TWO}, "segments b.csv", ("… --as-of 2025-01-24",)),
    Case("name it with --as-of DATE", {"b.csv": TWO}, "shock b.csv", ("… --as-of 2025-01-24",)),
    Case("give it with --as-of DATE", {"b.csv": UNDATED}, "import b.csv --portfolio Desk", ("… --as-of 2025-01-24",)),
    Case("mend the row, or import without --strict",
         {"b.csv": BOOK + "MSFT,Microsoft,1,400,USD,400\nAMD,AMD,ten,100,USD,many\n"},
         "import b.csv --portfolio Desk --strict", ("import b.csv --portfolio Desk",)),
    Case("give them with --prices FILE", {"b.csv": BOOK}, "drawdown b.csv", ("… --prices p.csv",)),
    Case("give them with --prices FILE", {"b.csv": BOOK, "s.toml":
         'id = "two-days"\ntitle = "t"\nkind = "replay"\nfrom = "2025-01-24"\nto = "2025-01-27"\nrest = 0.0\n'},
         "shock b.csv --scenario s.toml", ("… --prices p.csv",)),
    Case("write --inside FUND=FILE", {"b.csv": FUND, "in.csv": BOOK}, "segments b.csv --inside in.csv",
         ("segments b.csv --inside SMH=in.csv",)),
    Case("leave one of them out of --inside", {"b.csv": FUND, "in.csv": FUND}, "segments b.csv --inside SMH=in.csv",
         ("segments b.csv",)),
    Case("write --set LEVER=VALUE", {"b.csv": BOOK}, "shock b.csv --scenario deepseek-transmission --set x",
         ("shock b.csv --scenario deepseek-transmission --set jevons_elasticity=0.8",)),
    Case("give --cut, --hedge, --sell, --buy or --cash", {"b.csv": BOOK}, "trades b.csv",
         ("… --cut segment:chips=0.20", "… --hedge SMH=0.05", "… --sell NVDA=0.02", "… --buy NVDA=0.02",
          "… --cash 0.05")),
    Case("write --cut segment:chips=0.20", {"b.csv": BOOK}, "trades b.csv --cut segment:chips",
         ("trades b.csv --cut segment:chips=0.20",)),
    Case("write --sell NVDA=0.02", {"b.csv": BOOK}, "trades b.csv --sell NVDA", ("trades b.csv --sell NVDA=0.02",)),
]  # fmt: skip


def _told(node: ast.expr) -> str | None:
    """Give the pattern of what an expression says, what is filled in left open; None where it is no text."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.escape(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_told(part) or ".+" for part in node.values)
    return None


def _remedies():
    """List the remedies of the rooms that a command line goes through which name an option."""
    for room in ROOMS:
        for path in sorted((ROOT / "exposure" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.keyword) and node.arg == "remedy":
                    for part in ast.walk(node.value):
                        told = _told(part) if isinstance(part, ast.expr) else None
                        if told and OPTION.search(told.replace("\\", "")):
                            yield pytest.param(told, id=f"{path.name}:{part.lineno}")
                            break
    for room in ROOMS:
        yield from _of_catalogue(LOCALES / "en" / "LC_MESSAGES" / f"{room}.po")


def _of_catalogue(path):
    """List the remedies of a catalogue that name an option, what is filled in left open."""
    if path.exists():
        with path.open("rb") as file:
            for message in read_po(file):
                if message.context == "remedy" and OPTION.search(text := str(message.string)):
                    yield pytest.param(re.sub(r"\\{.+?\\}", ".+", re.escape(text)), id=str(message.id))


def _catalogued():
    """List those of the catalogues, what is filled in left open."""
    for path in (LOCALES / "en/LC_MESSAGES" / f"{name}.po" for name in CATALOGUES):
        with path.open("rb") if path.exists() else io.BytesIO() as file:
            for message in read_po(file):
                if message.context == "remedy" and OPTION.search(text := str(message.string)):
                    parts = string.Formatter().parse(text)
                    told = "".join(re.escape(words) + ".+" * (field is not None) for words, field, _, _ in parts)
                    yield pytest.param(told, id=str(message.id))


@pytest.mark.parametrize("told", [*_remedies(), *_catalogued()])
def test_every_remedy_that_names_an_option_has_a_case(told):
    assert any(re.fullmatch(told, case.remedy) for case in CASES), "write a case that provokes and follows it"


def _workbook(path, text):
    import openpyxl

    book = openpyxl.Workbook()
    for row in (text, "NVIDIA,14262", "Microsoft,500"):
        book.active.append([float(cell) if cell.isdigit() else cell for cell in row.split(",")])
    book.save(path)


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.command} → {case.followed[0]}")
def test_a_remedy_that_is_printed_works_when_it_is_followed(case, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.chdir(tmp_path)
    mappings = {"bits.json": {"quantity": "Bits"}, "thing.json": {"name": "Thing", "market_value": "Worth"}}
    for name, mapping in mappings.items():
        Path(name).write_text(json.dumps(mapping), encoding="utf-8")
    for name, text in {"p.csv": PRICES, **case.files}.items():
        _workbook(name, text) if name.endswith(".xlsx") else Path(name).write_text(text, encoding="utf-8")

    def run(command):
        status = main([*command.split(), "--json"])
        captured = capsys.readouterr()
        issues = json.loads(captured.out)["issues"] if captured.out and '"issues"' in captured.out else []
        return status, {captured.err.rpartition("; ")[2].strip(), *(issue["remedy"] for issue in issues)}

    status, remedies = run(case.command)
    assert case.remedy in remedies, (status, remedies)
    for followed in case.followed:
        status, remedies = run(followed.replace("…", case.command))
        assert status == 0, (followed, remedies)
        assert case.remedy not in remedies or case.remedy.startswith("choose another"), followed


SOURCES = (
    "segments",
    "shock",
    "trades --cash 0.1",
    "simulate --draws 64",
    "reverse --loss=-0.05",
    "drawdown --prices p.csv",
)


@pytest.mark.parametrize("command", SOURCES)
def test_a_date_dates_an_undated_file_in_every_command_that_takes_one(command, tmp_path, monkeypatch, capsys):
    """A book in two currencies cannot be valued without its date."""
    monkeypatch.chdir(tmp_path)
    Path("b.csv").write_text(TWO, encoding="utf-8")
    Path("p.csv").write_text(PRICES, encoding="utf-8")
    name, *rest = command.split()
    assert main([name, "b.csv", *rest, "--as-of", "2025-01-24", "--base-currency", "USD", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["as_of"] == "2025-01-24"
    assert main([name, "b.csv", *rest, "--base-currency", "USD"]) == 1
    assert "name it with --as-of DATE" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["inspect b.csv", "segments b.csv", "import b.csv --portfolio Desk"])
def test_a_file_of_one_date_is_not_given_another(command, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'store.sqlite'}")
    monkeypatch.chdir(tmp_path)
    Path("b.csv").write_text(BOOK, encoding="utf-8")
    assert main([*command.split(), "--as-of", "2025-01-23"]) == 1
    said = capsys.readouterr().err
    assert said == (
        "error: b.csv: no holdings as of 2025-01-23; dates in it: 2025-01-24; "
        "leave the date away, or ask for 2025-01-24\n"
    )
    assert main([*command.split(), "--as-of", "2025-01-24"]) == 0 and main(command.split()) == 0


def test_a_benchmark_without_a_date_is_of_the_books(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    Path("b.csv").write_text(BOOK, encoding="utf-8")
    Path("bench.csv").write_text(TWO, encoding="utf-8")
    assert main(["shock", "b.csv", "--benchmark", "bench.csv", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["active"] is not None
