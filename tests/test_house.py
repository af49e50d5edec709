"""The house around the code: no network in tests, a readable theme, locks with hashes, and documents that keep up."""

from __future__ import annotations

import re
import socket
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-uv.txt")
CONFIG: dict[str, Any] = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))


def settings(table: dict[str, Any], at: str = "") -> dict[str, Any]:
    """Flatten nested tables: `{"theme": {"light": {"a": 1}}}` gives `{"theme.light.a": 1}`."""
    flat: dict[str, Any] = {}
    for key, value in table.items():
        flat |= settings(value, f"{at}{key}.") if isinstance(value, dict) else {at + key: value}
    return flat


def luminance(colour: str) -> float:
    """Relative luminance of `#RRGGBB` as WCAG 2 defines it: black 0, white 1."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def faded(colour: str, ground: str, share: float = 0.6) -> str:
    """Mix as Streamlit does for captions and labels: 60 % of the text's colour over its ground."""
    pairs = [(int(colour[i : i + 2], 16), int(ground[i : i + 2], 16)) for i in (1, 3, 5)]
    return "#" + "".join(f"{round(share * one + (1 - share) * other):02X}" for one, other in pairs)


def required(name: str) -> list[str]:
    """Name the packages that a `.in` file asks for."""
    lines = [line.split("#")[0].strip() for line in (ROOT / name).read_text(encoding="utf-8").splitlines()]
    return [re.split(r"[\[=<>~! ]", line)[0] for line in lines if line and not line.startswith("-")]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout, so which files are the project's is unknown")
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


@pytest.mark.parametrize("address", [("192.0.2.1", 80), ("example.org", 443), ("2001:db8::1", 80)])
def test_a_connection_that_leaves_the_machine_is_refused(address: tuple[str, int]) -> None:
    """The addresses are reserved for documentation, so nothing is reached even where the guard fails."""
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as client, pytest.raises(RuntimeError, match="tests run offline"):
        client.connect(address)


def test_a_connection_on_this_machine_is_let_through() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, socket.socket() as client:
        client.connect(server.getsockname())
        assert client.getpeername() == server.getsockname()


def test_streamlit_knows_every_key_of_the_settings() -> None:
    """Streamlit ignores a key that it does not know, with a warning that nobody reads."""
    from streamlit import config

    known = set(config.get_config_options(force_reparse=True))
    assert settings(CONFIG).keys() <= known


def test_contrast_is_measured_as_wcag_does() -> None:
    """Black on white is 21 to 1; #767676 is the lightest grey that passes on white, at 4.54."""
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21.0)
    assert contrast("#767676", "#FFFFFF") == pytest.approx(4.54, abs=0.005)


@pytest.mark.parametrize("name", ["light", "dark"])
def test_the_theme_can_be_read(name: str) -> None:
    """WCAG AA: text 4.5 to 1; buttons, borders of fields and marks of a chart 3 to 1 where nothing else tells them."""
    theme = CONFIG["theme"][name]
    grounds = (theme["backgroundColor"], theme["secondaryBackgroundColor"])
    for ground in grounds:
        assert contrast(theme["textColor"], ground) >= 4.5
        assert contrast(faded(theme["textColor"], ground), ground) >= 4.5
        assert contrast(theme["linkColor"], ground) >= 4.5
        assert contrast(theme["primaryColor"], ground) >= 3
    assert contrast(theme["primaryColor"], theme["backgroundColor"]) >= 4.5, "the open tab's name is written in it"
    assert contrast("#FFFFFF", theme["primaryColor"]) >= 4.5, "a primary button's text is white in both themes"
    assert contrast(theme["dataframeHeaderTextColor"], theme["dataframeHeaderBackgroundColor"]) >= 4.5


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_version_and_a_hash(name: str) -> None:
    entries = re.split(r"\n(?=[A-Za-z0-9])", (ROOT / name).read_text(encoding="utf-8").strip())
    assert len(entries) > 1 or name == "requirements-uv.txt"
    assert [
        e.split("\n")[0] for e in entries if not re.match(r"[\w.-]+(\[[\w,]+\])?==\S+", e) or "--hash=sha256:" not in e
    ] == []


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_host(name: str) -> None:
    assert "://" not in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [*required("requirements.in"), *required("requirements-dev.in")])
def test_the_readme_says_what_each_package_is_for(name: str) -> None:
    rows = [row for row in (ROOT / "README.md").read_text(encoding="utf-8").splitlines() if row.startswith("| ")]
    row = next((row for row in rows if row.split("|")[1].strip().lower() == name.lower()), None)
    assert row is not None, f"README.md's table of packages lacks {name}"
    assert all(cell.strip() for cell in row.strip("|").split("|")), "name, licence and purpose, none blank"


@pytest.mark.parametrize("name", [*required("requirements.in"), *required("requirements-dev.in")])
def test_what_is_installed_is_what_is_locked(name: str) -> None:
    locked = "".join((ROOT / lock).read_text(encoding="utf-8") for lock in LOCKS)
    assert re.search(rf"^{re.escape(name)}(\[\w+\])?=={re.escape(version(name))}[ \\]", locked, re.M | re.I)


def test_the_changelog_has_a_place_for_figures_that_moved() -> None:
    text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    newest = re.split(r"^## ", text, flags=re.M)[1]
    assert set(re.findall(r"^### (.+)$", newest, re.M)) <= {"Added", "Changed", "Fixed", "Numbers"}
    assert "### Numbers" in newest


def test_every_make_target_explains_itself() -> None:
    listed = subprocess.run(
        ["make", "--no-print-directory", "help"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    phony = re.search(r"^\.PHONY: (.+)$", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert phony is not None
    assert [line.split(" ")[0] for line in listed.splitlines()] == phony[1].split()
    assert all(len(line.split(None, 1)) == 2 for line in listed.splitlines())


def test_no_file_names_a_place_on_one_machine() -> None:
    place = re.compile(
        rf"{re.escape(str(ROOT))}/|{re.escape(str(ROOT.parent))}/shared|/(?:home|Users)/[a-z]+/|/roo[t]/"
    )
    texts = ((path, path.read_bytes()) for path in tracked())
    found = [
        str(p.relative_to(ROOT))
        for p, raw in texts
        if b"\0" not in raw and place.search(raw.decode("utf-8", "replace"))
    ]
    assert found == []
