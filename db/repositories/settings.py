"""What users have settled beside single books: scenarios, column mappings, symbols, and other choices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from db.engine import Database
from db.models import (
    Answer,
    Base,
    ColumnMapping,
    MappingUse,
    ScenarioText,
    Setting,
    SettingUse,
    SnapshotHead,
)
from db.repositories.names import ANYTHING, Seen, now, portfolio_id, refuse_stale
from exposure.errors import InputError
from exposure.messages import words


class Settings(Database):
    """Users' choices beside single books."""

    def scenarios(self) -> dict[str, str]:
        """Give the custom scenarios: id → TOML text."""
        with self.read() as connection:
            query = select(ScenarioText.id, ScenarioText.toml).order_by(ScenarioText.id)
            return {one: toml for one, toml in connection.execute(query)}

    def save_scenario(
        self, scenario_id: str, toml: str, *, replace: bool = False, seen: Seen[str | None] = ANYTHING
    ) -> None:
        """Keep a custom scenario; with `replace` it takes the place of another one with the same id.

        Raises
        ------
        InputError : the id is the library's, or another text is kept under it and `replace` was not said.
        StaleWrite : another text than `seen` (None: none), which the person was shown, is kept under it now.
        """
        from exposure.scenarios import library_ids

        if scenario_id in library_ids():
            raise InputError("store.scenario-of-library", scenario=scenario_id)
        with self.write() as connection:
            there = connection.execute(select(ScenarioText.toml).where(ScenarioText.id == scenario_id)).scalar()
            if there == toml:
                return
            if replace:
                refuse_stale("store.stale.scenario", seen, there, toml, lambda text: text or "", scenario=scenario_id)
            elif there is not None:
                raise InputError("store.scenario-id-taken", scenario=scenario_id)
            _replace(connection, ScenarioText, {"id": scenario_id}, {"toml": toml})

    def delete_scenario(self, scenario_id: str, *, seen: Seen[str] = ANYTHING) -> str:
        """Remove a custom scenario and hand back its text, so that `save_scenario` undoes it.

        Raises
        ------
        StaleWrite : another text than `seen`, which the person was shown, is kept under the id now.
        """
        with self.write() as connection:
            same = ScenarioText.id == scenario_id
            toml = connection.execute(select(ScenarioText.toml).where(same)).scalar()
            if toml is None:
                raise InputError("store.no-scenario", scenario=scenario_id)
            refuse_stale("store.stale.scenario", seen, toml, words("store.stale.delete", {}), scenario=scenario_id)
            connection.execute(delete(ScenarioText).where(same))
        return toml

    def remember_columns(self, shape: str, mapping: Mapping[str, Any], portfolio: str | int | None = None) -> None:
        """Keep how files with a header of this shape are read, and that a portfolio holds such."""
        with self.write() as connection:
            owner = None if portfolio is None else portfolio_id(connection, portfolio)
            _replace(connection, ColumnMapping, {"shape": shape}, {"mapping": dict(mapping)})
            _note_use(connection, MappingUse, {"shape": shape}, owner)

    def columns_for(self, shape: str) -> dict[str, Any] | None:
        """Give how files with a header of this shape are read, None where nobody has said so yet."""
        with self.read() as connection:
            return connection.execute(select(ColumnMapping.mapping).where(ColumnMapping.shape == shape)).scalar()

    def answers(self, portfolio: str | int | None = None) -> dict[str, str]:
        """Give the answers that hold for a portfolio: identifier of a file → Yahoo symbol; its own first."""
        with self.read() as connection:
            key = None if portfolio is None else portfolio_id(connection, portfolio)
            return answers_of(connection, key)

    def save_answer(self, identifier: str, symbol: str, portfolio: str | int | None = None) -> None:
        """Keep which Yahoo symbol an identifier of a file means; an empty symbol forgets the answer."""
        with self.write() as connection:
            owner = None if portfolio is None else portfolio_id(connection, portfolio)
            connection.execute(delete(Answer).where(_owned(owner), Answer.identifier == identifier))
            if symbol:
                values = {"portfolio_id": owner, "identifier": identifier, "symbol": symbol, "saved_at": now()}
                connection.execute(insert(Answer).values(**values))

    def setting(self, key: str, default: Any = None) -> Any:
        """Give a stored choice, or the default."""
        with self.read() as connection:
            found = connection.execute(select(Setting.value).where(Setting.key == key)).scalar()
        return default if found is None else found["value"]

    def settings(self, prefix: str) -> dict[str, Any]:
        """Give the choices whose key begins with a prefix, by key in ascending order."""
        query = select(Setting.key, Setting.value).where(Setting.key.startswith(prefix, autoescape=True))
        with self.read() as connection:
            found = {key: value["value"] for key, value in connection.execute(query)}
        return dict(sorted(found.items()))  # databases order text by their own rules

    def save_setting(self, key: str, value: Any, *, made_on: int | None = None) -> None:
        """Keep a choice: anything that JSON holds; it goes with the portfolio of the snapshot that it was made on."""
        with self.write() as connection:
            _replace(connection, Setting, {"key": key}, {"value": {"value": value}})
            owner = select(SnapshotHead.portfolio_id).where(SnapshotHead.id == made_on)
            _note_use(connection, SettingUse, {"key": key}, connection.execute(owner).scalar())

    def remove_settings(self, prefix: str, *, older_than: datetime | None = None) -> int:
        """Forget the choices whose key begins with a prefix, all or those kept before a moment (UTC); give how many."""
        with self.write() as connection:
            chosen = delete(Setting).where(Setting.key.startswith(prefix, autoescape=True))
            if older_than is not None:
                chosen = chosen.where(Setting.saved_at < older_than)
            return connection.execute(chosen).rowcount


def answers_of(connection: Connection, portfolio: int | None) -> dict[str, str]:
    """Read the answers that hold for a portfolio of an id, its own after and so over those of all."""
    which = or_(Answer.portfolio_id.is_(None), Answer.portfolio_id == portfolio)
    query = select(Answer.identifier, Answer.symbol).where(which)
    rows = connection.execute(query.order_by(Answer.portfolio_id.is_not(None), Answer.id))
    return {one: symbol for one, symbol in rows}


def _owned(owner: int | None) -> Any:
    return Answer.portfolio_id.is_(None) if owner is None else Answer.portfolio_id == owner


def _replace(connection: Connection, table: type[Base], key: dict[str, Any], values: dict[str, Any]) -> None:
    # Under the writer's lock nobody comes between the two, and both databases speak this SQL. The row stays where it is
    # known: what names it goes with it.
    ((name, value),) = key.items()
    moved = update(table).where(getattr(table, name) == value).values(**values, saved_at=now())
    if not connection.execute(moved).rowcount:
        connection.execute(insert(table).values(**key, **values, saved_at=now()))


def _note_use(
    connection: Connection, table: type[MappingUse] | type[SettingUse], key: dict[str, str], owner: int | None
) -> None:
    """Note that something goes with a portfolio, where one is given and not noted yet."""
    if owner is None:
        return
    ((name, value),) = key.items()
    same = (getattr(table, name) == value, table.portfolio_id == owner)
    if connection.execute(select(table.portfolio_id).where(*same)).scalar() is None:
        connection.execute(insert(table).values(**key, portfolio_id=owner))
