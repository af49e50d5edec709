"""The command line: `python -m exposure COMMAND …`.

With `--json` one JSON object on standard output, messages on standard error. Exit status: 0 done; 1 the input was
or data needed is missing; 2 wrong usage. Only the commands that store or read the store import `db`, and only when they
run.
"""

from __future__ import annotations

import os
import sys

from exposure.cli.parser import as_json, build_parser, write_plainly
from exposure.errors import ExposureError, InputError, legible
from exposure.format import percent
from exposure.messages import words

EXTRAS = {
    **dict.fromkeys(("exchange_calendars", "numba", "pandas", "scipy", "sklearn"), "analysis"),
    **dict.fromkeys(("typst", "xlsxwriter"), "report"),
    **dict.fromkeys(("dask", "distributed", "pyarrow"), "grid"),
    **dict.fromkeys(("alembic", "plotly", "psycopg", "sqlalchemy", "streamlit", "tenacity", "yfinance"), "dashboard"),
}
"""Package → the extra of `pyproject.toml` that brings it."""


def main(argv: list[str] | None = None) -> int:
    """Run one command and give its exit status; never a traceback (set EXPOSURE_DEBUG to see one)."""
    write_plainly()
    args = build_parser().parse_args(argv)
    try:
        answer, text = args.run(args)
        if args.json:
            print(as_json(answer))
        else:
            print(legible(text()))
        for issue in answer.get("issues", ()):
            if issue["severity"] != "notice" or not args.json:
                share = "" if issue["weight"] is None else f" ({percent(issue['weight'], 1)} of the book)"
                print(f"{issue['severity']}: {_line(issue['what'] + share, issue['remedy'])}", file=sys.stderr)
        sys.stdout.flush()
    except (ExposureError, OSError) as error:
        if isinstance(error, BrokenPipeError):  # the reader of our output has gone: nobody to tell
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 1
        print("error: " + _line(str(error) if isinstance(error, ExposureError) else _os_error(error)), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"error: {words('command.stopped', {})}", file=sys.stderr)
        return 1
    except Exception as error:  # a fault of ours; the user is told in one line all the same
        if extra := _extra_for(error):
            message = ExposureError("command.package", package=extra[0], extra=extra[1])
        elif os.environ.get("EXPOSURE_DEBUG"):
            raise
        else:
            message = ExposureError("command.fault", kind=type(error).__name__, fault=str(error))
        print(f"error: {_line(str(message))}", file=sys.stderr)
        return 1
    return 0


def _extra_for(error: Exception) -> tuple[str, str] | None:
    """Give the package that an error misses and the extra that brings it; None for any other error."""
    package = (error.name or "").partition(".")[0] if isinstance(error, ModuleNotFoundError) else ""
    return (package, EXTRAS[package]) if package in EXTRAS else None


def _line(what: str, remedy: str = "") -> str:
    return " ".join(legible(f"{what}; {remedy}" if remedy else what).split())


def _os_error(error: OSError) -> str:
    if not error.filename:
        return str(error)
    return str(InputError("command.path", file=str(error.filename), fault=error.strerror or type(error).__name__))
