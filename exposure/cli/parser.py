"""The words of the command line and what each one means.

The edge of the command line: what a terminal cannot write becomes plain, what JSON leaves raw is escaped.
"""

from __future__ import annotations

import argparse
import codecs
import json
import re
import sys
from collections.abc import Callable
from datetime import date
from typing import Any
from unicodedata import normalize

from exposure.cli import beliefs, trades
from exposure.cli import commands as do
from exposure.cli.source import Outcome
from exposure.units import QUOTE_UNITS, currency_of, one_name, unit_named

BASE = "deepseek-transmission"


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is no date; write YYYY-MM-DD") from None


def _unit(text: str) -> tuple[str, str]:
    unit, _, stands_in = (one_name(unit_named(part)) or "" for part in text.partition("="))
    if unit not in QUOTE_UNITS or stands_in not in (unit, currency_of(unit)):
        raise argparse.ArgumentTypeError(f"{text!r} names no hundredth of a currency; write GBX=GBX or GBX=GBP")
    return unit, stands_in


def build_parser() -> argparse.ArgumentParser:
    """Build the parser of every command."""
    parser = argparse.ArgumentParser(
        prog="python -m exposure", description="Exposure along the AI value chain, shocks and drawdowns of a portfolio."
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    output = argparse.ArgumentParser(add_help=False)
    output.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
    reading = argparse.ArgumentParser(add_help=False)
    reading.add_argument(
        "--as-of", type=_day, metavar="DATE", help="of several dates this one; or the date of a file that names none"
    )
    reading.add_argument(
        "--dates", choices=("mdy", "dmy"), help="order of day and month where the file does not settle it"
    )
    reading.add_argument("--decimal", choices=(".", ","), help="decimal mark where the file does not settle it")
    reading.add_argument(
        "--unit", metavar="UNIT=CUR", action="append", type=_unit, help="what figures stand in that may be in either: "
        "GBX=GBX for pence, GBX=GBP for pounds (repeatable)",
    )  # fmt: skip
    reading.add_argument("--columns", metavar="FILE", help="a mapping of columns saved by the Holdings page")
    source = argparse.ArgumentParser(add_help=False, parents=[reading])
    which = source.add_mutually_exclusive_group(required=True)
    which.add_argument("file", nargs="?", metavar="FILE", help="a holdings file")
    which.add_argument("--portfolio", metavar="NAME", help="a stored portfolio")
    source.add_argument(
        "--base-currency", metavar="CUR", type=str.upper, help="currency of the answer (default: the file's)"
    )
    source.add_argument("--prices", metavar="FILE", help="prices, for lines without a value and for histories")
    source.add_argument("--overrides", metavar="FILE", help="your own segments, as the Segments page exports them")
    source.add_argument(
        "--inside", metavar="FUND=FILE", action="append", help="holdings of a fund, to look through it (repeatable)"
    )

    source.add_argument("--no-look-through", action="store_true", help="leave funds as one line")

    def add(
        name: str,
        run: Callable[[argparse.Namespace], Outcome],
        text: str,
        *parents: argparse.ArgumentParser,
    ) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[*parents, output])
        command.set_defaults(run=run)
        return command

    add("inspect", do.inspect_, "read and check a holdings file; store nothing", reading).add_argument(
        "file", metavar="FILE"
    )
    command = add("import", do.import_, "store a dated snapshot, all or nothing", reading)
    command.add_argument("file", metavar="FILE")
    command.add_argument("--portfolio", metavar="NAME", required=True)
    command.add_argument("--strict", action="store_true", help="refuse the file if any row is rejected")
    add("portfolios", do.portfolios_, "list what is stored")
    add("segments", do.segments_, "show where a book sits along the chain", source)
    add("scenarios", do.scenarios_, "list the scenario library")
    command = add("shock", do.shock_, "apply a scenario: what it costs and who carries it", source)
    command.add_argument("--scenario", metavar="ID_OR_TOML", default="deepseek-2025-01-27", help="default: %(default)s")
    command.add_argument("--set", metavar="LEVER=VALUE", action="append", help="set a lever of a transmission scenario")
    command.add_argument(
        "--horizon", type=int, choices=(1, 3, 5, 20), default=1, help="sessions that a replay runs over"
    )
    command.add_argument("--benchmark", metavar="SOURCE", help="compare with this file or stored portfolio")
    command = add("trades", trades.trades_, "try cuts, hedges, sales and cash on a scenario; never an order", source)
    command.add_argument("--scenario", metavar="ID_OR_TOML", default="deepseek-2025-01-27", help="default: %(default)s")
    command.add_argument("--set", metavar="LEVER=VALUE", action="append", help="set a lever of a transmission scenario")
    command.add_argument(
        "--horizon", type=int, choices=(1, 3, 5, 20), default=1, help="sessions that a replay runs over"
    )
    for option, form, text in (
        ("cut", "[SIDE:]TARGET=LIMIT", "sell until TARGET (segment:chips, issuer:NVDA, country:TW) is at a share of "
         "capital; SIDE: net (default), gross, long or short"),
        ("hedge", "SYMBOL=AMOUNT", "short a fund or share"),
        ("sell", "LINE=AMOUNT", "sell of a line, by ticker or ISIN; AMOUNT: a fraction of capital, money (250000USD), "
         "or all"),
        ("buy", "LINE=AMOUNT", "buy more of a line"),
        ("cash", "AMOUNT", "add cash, or withdraw it: --cash=-0.05"),
    ):  # fmt: skip
        command.add_argument(f"--{option}", dest="tried", metavar=form, action=trades.Tried, help=text)
    command.add_argument(
        "--participation", type=float, default=0.2, metavar="SHARE",
        help="one's own share of the usual turnover, for days to trade (default: %(default)s)",
    )  # fmt: skip

    def levered(name: str, run: Callable[[argparse.Namespace], Outcome], text: str) -> argparse.ArgumentParser:
        command = add(name, run, text, source)
        command.add_argument("--scenario", metavar="ID_OR_TOML", default=BASE, help="default: %(default)s")
        command.add_argument("--set", metavar="LEVER=VALUE", action="append", help="set a lever")
        return command

    command = levered("simulate", beliefs.simulate_, "draw the levers from their priors; those set are held")
    command.add_argument("--draws", type=int, default=16_384, metavar="N", help="default: %(default)s")
    command.add_argument("--seed", type=int, default=0, metavar="K", help="default: %(default)s")
    command = levered("reverse", beliefs.reverse_, "the lever values at which a return is reached")
    command.add_argument("--loss", type=float, required=True, metavar="RETURN", help="a fraction, such as -0.10")
    command = add("fit", beliefs.fit_, "fit a transmission scenario to observed moves")
    command.add_argument("--scenario", metavar="ID_OR_TOML", default=BASE, help="default: %(default)s")
    command.add_argument("--moves", metavar="FILE", required=True, help="CSV with ticker,move and, of several, episode")
    command.add_argument("--episode", metavar="ID", help="which episode of the file")
    command.add_argument("--out", metavar="FILE.toml", required=True, help="the fitted scenario")
    command = add("scorecard", beliefs.scorecard_, "how far the model can be trusted, from the data present")
    command.add_argument("--prices", metavar="FILE", help="daily prices (default: the store's)")
    command.add_argument("--funds", metavar="DIR", help="books FUND_DATE.csv of funds, and actual.csv with their moves")
    command = add("drawdown", do.drawdown_, "history of today's holdings", source)
    command.add_argument("--from", dest="start", type=_day, metavar="DATE")
    command.add_argument("--to", dest="end", type=_day, metavar="DATE")
    command.add_argument("--hold", choices=("weights", "quantities"), default="weights")
    command.add_argument(
        "--closes", choices=("local", "common"), default="local", help="each exchange's own closes, or one cut for all"
    )
    prices = commands.add_parser(
        "prices", help="the price store", description="load, fetch or look at prices"
    ).add_subparsers(dest="action", required=True, metavar="ACTION")
    for action, text in (
        ("load", "load a price file"),
        ("fetch", "fetch prices of stored portfolios"),
        ("status", "say what is stored"),
    ):
        command = prices.add_parser(action, help=text, description=text, parents=[output])
        command.set_defaults(run=do.prices_, portfolio=None, start=None)
        if action == "load":
            command.add_argument("file", metavar="FILE")
        elif action == "fetch":
            command.add_argument("--portfolio", metavar="NAME")
            command.add_argument("--from", dest="start", type=_day, metavar="DATE")
    for action, run, text in (
        ("accept", do.accept_, "say that what is doubtful about a series on a day is right"),
        ("reopen", do.reopen_, "take that back: the day is asked about again"),
    ):
        command = prices.add_parser(action, help=text, description=text, parents=[output])
        command.set_defaults(run=run, portfolio=None)
        command.add_argument("ticker", metavar="TICKER")
        command.add_argument("--date", type=_day, metavar="DATE", required=True, help="as `prices status` names it")
        if action == "accept":
            command.add_argument("--author", metavar="NAME", required=True, help="whose word it is")
            command.add_argument("--note", metavar="TEXT", help="why it is right")
    return parser


_PLAIN = {
    "\u202f": " ",
    "\u2009": " ",
    "−": "-",
    "–": "-",
    "—": "-",
    "…": "...",
    "\u2018": "'",
    "\u2019": "'",
    "“": '"',
    "”": '"',
    "×": "x",
    "→": "->",
    "←": "<-",
    "≤": "<=",
    "≥": ">=",
    "·": ".",
    "€": "EUR",
    "£": "GBP",
    "ß": "ss",
}
_OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")
"""What a terminal obeys and JSON may hold as it is: the cursor's moves, colours, the direction of writing."""


def _plain(error: UnicodeError) -> tuple[str, int]:
    """Spell what an encoding lacks in ASCII: as above, else without its accents, else as a question mark."""
    assert isinstance(error, UnicodeEncodeError)
    spelled = []
    for character in error.object[error.start : error.end]:
        bare = normalize("NFKD", character).encode("ascii", "ignore").decode()
        spelled.append(_PLAIN.get(character) or bare or "?")
    return "".join(spelled), error.end


def write_plainly() -> None:
    """Let standard output and standard error spell in ASCII what their encoding lacks, where they would fail."""
    codecs.register_error("plain", _plain)
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):  # a stream that only collects text has none
            reconfigure(errors="plain")


def as_json(answer: Any) -> str:
    """Write an answer as JSON on one line: in UTF-8 as it is, in any other encoding with what is not ASCII escaped."""
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    try:
        codec = codecs.lookup(getattr(sys.stdout, "encoding", None) or "utf-8").name
        text.encode()
    except (LookupError, UnicodeEncodeError):  # half a character, as a broken file's name has it
        codec = "ascii"
    if codec != "utf-8":
        return json.dumps(answer, ensure_ascii=True, allow_nan=False)
    return _OBEYED.sub(lambda found: f"\\u{ord(found[0]):04x}", text)
