"""The command line: `python -m exposure COMMAND …`.

With `--json` one JSON object on standard output, messages on standard error. Exit status: 0 done; 1 the input was
or data needed is missing; 2 wrong usage. Only the commands that store or read the store import `db`, and only when they
run.
"""

from __future__ import annotations

import os
import sys

from exposure.cli.output import as_json, write_plainly
from exposure.cli.parser import build_parser
from exposure.errors import ExposureError
from exposure.format import percent
from exposure.legible import legible


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
        print("error: stopped", file=sys.stderr)
        return 1
    except Exception as error:  # a fault of ours; the user is told in one line all the same
        if os.environ.get("EXPOSURE_DEBUG"):
            raise
        print(
            "error: "
            + _line(f"internal fault ({type(error).__name__}: {error}); run again with EXPOSURE_DEBUG=1 and report it"),
            file=sys.stderr,
        )
        return 1
    return 0


def _line(what: str, remedy: str = "") -> str:
    return " ".join(legible(f"{what}; {remedy}" if remedy else what).split())


def _os_error(error: OSError) -> str:
    return f"{error.filename}: {error.strerror}; check the path and its permissions" if error.filename else str(error)
