"""Keys: rotation, revocation, the reset after a stolen one; and what is never forgotten."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.central.centre import NOW, Centre, Signer, district, stamp
from tests.central.conftest import UnitUnderTest
from tests.postgres import Databases
from wardsite.application import close_app
from wardsite.central.sync import NotStoredError, Outcome, RefusedError, reset
from wardsite.core.backup import DATABASE
from wardsite.extensions import db
from wardsite.mandate.memory import Known, LaterKey, known_from, read_known
from wardsite.models import CentralState
from wardsite.settings import EXAMPLE_DISTRICT

MakeUnit = Callable[..., UnitUnderTest]
PutBack = Callable[[], UnitUnderTest]
DAY = timedelta(days=1)


def introducing(key: Signer, name: str = "ke-tiep", **fields: str) -> str:
    """Return the rows that introduce a key."""
    lines = [f"{field} = {value}" for field, value in fields.items()]
    return "\n".join(["[[keys]]", f'id = "{name}"', f'public_key = "{key.public}"', *lines, ""])


def revoking(*keys: str) -> str:
    return f"revoked_keys = [{', '.join(repr(key) for key in keys)}]"


def refused(unit: UnitUnderTest, code: str, now: object = NOW) -> None:
    with pytest.raises(RefusedError) as refusal:
        unit.sync(NOW if now is NOW else now)  # type: ignore[arg-type]
    assert refusal.value.code == code


def test_key_introduced_by_a_signed_file_signs_the_next(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4), key=centre.next_key)
    refused(unit, "UntrustedKeyError")
    centre.publish(district(4, introducing(centre.next_key)))
    unit.sync()
    centre.publish(district(5), key=centre.next_key)
    assert unit.sync() is Outcome.APPLIED
    assert unit.status().key_id == centre.next_key.key_id


def test_introduced_key_stays_trusted_when_later_files_do_not_name_it(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4, introducing(centre.next_key)))
    unit.sync()
    centre.publish(district(5))
    unit.sync()
    centre.publish(district(6), key=centre.next_key)
    assert unit.sync() is Outcome.APPLIED
    again = unit.restart()
    assert again.status().revision == 6


def test_introduced_key_signs_only_from_its_day(unit: UnitUnderTest, centre: Centre) -> None:
    centre.publish(district(4, introducing(centre.next_key, valid_from=stamp(NOW + DAY))))
    unit.sync()
    centre.publish(district(5), key=centre.next_key)
    refused(unit, "UntrustedKeyError")
    assert unit.sync(NOW + DAY) is Outcome.APPLIED


@pytest.mark.parametrize("by_id", [False, True])
def test_revoked_key_never_signs_again_although_the_settings_pin_it(
    unit: UnitUnderTest, centre: Centre, by_id: bool
) -> None:
    name = centre.key.key_id if by_id else centre.key.public
    centre.publish(district(4, introducing(centre.next_key)))
    unit.sync()
    centre.publish(district(5, top=revoking(name)), key=centre.next_key)
    unit.sync()
    centre.publish(district(6))
    refused(unit, "UntrustedKeyError")
    refused(unit.restart(), "UntrustedKeyError")
    centre.publish(district(6), key=centre.next_key)
    assert unit.sync() is Outcome.APPLIED


def test_revoked_key_is_not_taken_back_by_introducing_it_again(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4, introducing(centre.next_key)))
    unit.sync()
    centre.publish(district(5, top=revoking(centre.next_key.public)))
    unit.sync()
    centre.publish(district(6, introducing(centre.next_key)))
    unit.sync()
    centre.publish(district(7), key=centre.next_key)
    refused(unit, "UntrustedKeyError")


def test_file_that_revokes_the_key_which_signed_it_stays_in_force_after_a_restart(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4, introducing(centre.next_key), top=revoking(centre.key.public)))
    assert unit.sync() is Outcome.APPLIED
    again = unit.restart()
    assert again.status().revision == 4
    assert "damaged" not in again.alarms()


def test_key_may_be_given_as_a_file(make_unit: MakeUnit, centre: Centre) -> None:
    unit = make_unit(district_keys=("quan.pub",))
    (unit.settings.instance / "quan.pub").write_text(
        f"untrusted comment: minisign public key\n{centre.key.public}\n"
    )
    centre.publish(district(1))
    assert unit.sync() is Outcome.APPLIED


@pytest.mark.parametrize("entry", ["RWnonsense", "missing.pub", "/etc", ""])
def test_setting_that_is_no_key_is_named_and_the_site_stands(
    unit: UnitUnderTest, centre: Centre, entry: str
) -> None:
    again = unit.restart(district_keys=(entry,))
    centre.publish(district(4))
    refused(again, "PinnedKeyError")
    assert again.mandate().banners[0].id == "bluezone"
    assert {"damaged", "no-key", "refused"} <= again.alarms()


def test_nothing_is_trusted_without_a_key(make_unit: MakeUnit, centre: Centre) -> None:
    unit = make_unit(district_keys=())
    centre.publish(district(1))
    refused(unit, "UntrustedKeyError")


def test_example_key_in_use_is_told(make_unit: MakeUnit) -> None:
    (example,) = EXAMPLE_DISTRICT.glob("*.pub")
    unit = make_unit(district_keys=(str(example),))
    assert unit.status().example_key_in_use
    assert not make_unit().status().example_key_in_use


def test_another_key_in_the_settings_ends_the_trust_in_what_the_old_one_signed(
    unit: UnitUnderTest, centre: Centre, caplog: pytest.LogCaptureFixture
) -> None:
    again = unit.restart(district_keys=(centre.next_key.public,))
    assert again.status().revision is None
    assert "damaged" in again.alarms()
    # The log blames the key, not a disk that is in order.
    assert "no longer trusted" in caplog.text
    assert "damaged" not in caplog.text
    centre.publish(district(4), key=centre.next_key)
    assert again.sync() is Outcome.APPLIED


# --- A stolen key


def test_reset_brings_a_unit_back_after_a_thief_signed_far_ahead(
    unit: UnitUnderTest, centre: Centre
) -> None:
    thief = Signer()
    centre.publish(district(1003, introducing(thief, "trom")))
    unit.sync()
    again = unit.restart(district_keys=(centre.next_key.public,))
    centre.publish(district(4), key=centre.next_key)
    refused(again, "RevisionRollbackError")
    with again.app.app_context():
        reset(NOW)
    assert again.sync() is Outcome.APPLIED
    assert again.status().revision == 4
    centre.publish(district(5), key=thief)
    refused(again, "UntrustedKeyError")
    assert "central-reset" in again.audit()


def test_thief_cannot_shut_out_the_next_good_file_by_numbers_alone(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(1003))
    unit.sync()
    centre.publish(district(1004))
    assert unit.sync() is Outcome.APPLIED


# --- What is never forgotten


@pytest.fixture
def put_back(unit: UnitUnderTest, databases: Databases, tmp_path: Path) -> PutBack:
    """Keep the database as it is now; called, the unit starts with that one again."""
    close_app(unit.app)  # all of it is in the one file then, and PostgreSQL copies what is idle
    if unit.settings.database_url:
        url = databases.create(unit.settings.database_url)
        return lambda: unit.restart(database_url=url)
    database = unit.settings.instance / DATABASE
    copy = shutil.copy(database, tmp_path / "backup.db")

    def start() -> UnitUnderTest:
        close_app(unit.app)
        for name in (f"{DATABASE}-wal", f"{DATABASE}-shm"):
            (unit.settings.instance / name).unlink(missing_ok=True)
        shutil.copy(copy, database)
        return unit.restart()

    return start


def test_older_database_put_back_makes_no_older_revision_acceptable(
    unit: UnitUnderTest, centre: Centre, put_back: PutBack
) -> None:
    for revision in (4, 5, 6):
        centre.publish(district(revision))
        unit.sync()
    again = put_back()
    assert again.mandate().notices[0].title == "Thông báo của bản số 6"
    centre.publish(district(5))
    refused(again, "RevisionRollbackError")
    assert again.status().revision == 6
    assert again.state().revision == 6
    centre.publish(district(7))
    assert again.sync() is Outcome.APPLIED


def test_older_database_with_its_file_still_there_is_found_out(
    unit: UnitUnderTest, centre: Centre, put_back: PutBack
) -> None:
    centre.publish(district(4))
    unit.sync()
    again = put_back()
    assert again.status().revision == 3
    assert "behind" in again.alarms()
    centre.publish(district(3))
    refused(again, "RevisionRollbackError")
    assert again.status().revision == 4


def test_older_database_brings_back_no_revoked_key(
    unit: UnitUnderTest, centre: Centre, put_back: PutBack
) -> None:
    centre.publish(district(4, introducing(centre.next_key)))
    unit.sync()
    centre.publish(district(5, top=revoking(centre.key.public)), key=centre.next_key)
    unit.sync()
    again = put_back()
    centre.publish(district(6))
    refused(again, "UntrustedKeyError")


def test_lost_memory_file_is_made_good_by_the_database(unit: UnitUnderTest, centre: Centre) -> None:
    for spoil in (lambda p: p.unlink(), lambda p: p.write_text("{"), lambda p: p.write_text("[]")):
        spoil(unit.folder / "known.json")
        centre.publish(district(1))
        refused(unit, "RevisionRollbackError")
    centre.publish(district(4))
    assert unit.sync() is Outcome.APPLIED
    assert read_known(unit.folder).revision == 4


def test_highest_file_brought_back_may_have_expired_meanwhile(
    unit: UnitUnderTest, centre: Centre, put_back: PutBack
) -> None:
    centre.publish(district(4))
    unit.sync()
    again = put_back()
    centre.publish(district(4))
    before = len(again.audit())
    assert again.sync(NOW + timedelta(days=200)) is Outcome.APPLIED
    assert again.state().revision == 4
    assert again.audit()[before:] == ["central-apply"]


moments = st.none() | st.datetimes(timezones=st.just(NOW.tzinfo))
knowns = st.builds(
    Known,
    config_id=st.sampled_from(["a", "b", ""]),
    revision=st.integers(0, 9),
    sha256=st.text("0123456789abcdef", min_size=1, max_size=4),
    introduced=st.lists(
        st.builds(LaterKey, public_key=st.sampled_from("KLM"), valid_from=moments),
        max_size=3,
        unique_by=lambda key: key.public_key,
    ).map(lambda keys: tuple(sorted(keys, key=lambda key: key.public_key))),
    revoked=st.frozensets(st.sampled_from("KLM")),
    clock=moments,
)


@given(knowns, knowns)
def test_joined_memories_forget_nothing(file: Known, row: Known) -> None:
    both = file.joined(row)
    assert known_from(both.dump()) == both
    assert both.joined(both) == both.joined(row) == both.joined(Known()).joined(both)
    if file.config_id and file.config_id != row.config_id:
        assert both == file
        return
    if row.config_id:
        assert both.revision == max(file.revision, row.revision)
        assert both.revoked == file.revoked | row.revoked
        keys = {key.public_key for key in (*file.introduced, *row.introduced)}
        assert {key.public_key for key in both.introduced} == keys
        assert all(both.clock >= clock for clock in (file.clock, row.clock) if clock)  # type: ignore[operator]


def test_database_without_sense_is_no_memory() -> None:
    assert known_from({"revision": "many"}) == Known()
    assert known_from({}) == Known()


def test_memory_with_a_key_that_is_none_does_not_bring_the_site_down(
    unit: UnitUnderTest,
) -> None:
    known = known_from(unit.state().known)
    spoilt = replace(known, introduced=(LaterKey(public_key="RWnonsense"),))
    with unit.app.app_context():
        db.session.get_one(CentralState, 1).known = spoilt.dump()
        db.session.commit()
    assert unit.restart().status().revision == 3


def test_a_reset_that_the_disk_does_not_take_is_refused_and_forgets_nothing(
    unit: UnitUnderTest,
) -> None:
    """It ended the command in a traceback."""
    (unit.folder / "known.json").unlink()
    (unit.folder / "known.json").mkdir()
    with unit.app.app_context(), pytest.raises(NotStoredError):
        reset(NOW)
    assert known_from(unit.state().known).revision == 3


def test_reset_leaves_nothing_behind(unit: UnitUnderTest) -> None:
    with unit.app.app_context():
        reset(NOW)
        db.session.rollback()
    assert not (unit.folder / "known.json").exists()
    assert known_from(unit.state().known) == Known()
    assert unit.mandate().notices[0].title == "Thông báo của bản số 3"
