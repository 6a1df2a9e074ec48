"""How a sync goes when all is well, nearly well, or cut short by time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from sqlalchemy import event, select
from sqlalchemy.exc import OperationalError

from tests.central.centre import NOW, Centre, Signer, district, redirect, reply, stamp
from tests.central.conftest import UnitUnderTest
from wardsite.central import sync as room
from wardsite.central.sync import (
    NotStoredError,
    Outcome,
    OutOfReachError,
    RefusedError,
    SyncBusyError,
)
from wardsite.extensions import db
from wardsite.models import AuditEntry
from wardsite.site.deeds import detail

MakeUnit = Callable[..., UnitUnderTest]
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def test_first_revision_may_have_any_number_and_pins_its_centre(
    make_unit: MakeUnit, centre: Centre
) -> None:
    unit = make_unit()
    centre.publish(district(40))
    assert unit.sync() is Outcome.APPLIED
    assert unit.status().revision == 40
    centre.publish(district(41, id='"dong-da"'))
    with pytest.raises(RefusedError) as refusal:
        unit.sync()
    assert refusal.value.code == "WrongConfigError"


def test_built_in_banner_stands_before_the_first_sync(make_unit: MakeUnit) -> None:
    unit = make_unit()
    banner = unit.mandate().banners[0]
    assert (banner.id, banner.link_url) == ("bluezone", "https://www.bluezone.gov.vn/")
    assert unit.alarms() == {"never"}


def test_without_an_address_nothing_is_fetched_and_officers_are_told(make_unit: MakeUnit) -> None:
    unit = make_unit(district_url="")
    with pytest.raises(RefusedError) as refusal:
        unit.sync()
    assert refusal.value.code == "NotConfiguredError"
    assert "unconfigured" in unit.alarms()


def test_revision_may_rise_by_a_thousand(unit: UnitUnderTest, centre: Centre) -> None:
    centre.publish(district(1003))
    assert unit.sync() is Outcome.APPLIED


@contextmanager
def statements(unit: UnitUnderTest) -> Iterator[list[str]]:
    """Collect what the database is asked."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        asked.append(statement)

    with unit.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield asked
    event.remove(engine, "before_cursor_execute", note)
    assert asked


def test_same_bytes_are_one_request_and_no_write(unit: UnitUnderTest, centre: Centre) -> None:
    centre.publish(district(3))
    unit.sync()
    before, audit = unit.snapshot(), unit.audit()
    centre.paths()
    with statements(unit) as asked:
        assert unit.sync(NOW + HOUR / 2) is Outcome.UNCHANGED
    assert centre.paths() == ["/district.toml"]
    assert {statement.split()[0] for statement in asked} <= {"SELECT", "BEGIN", "PRAGMA"}
    assert (unit.snapshot(), unit.audit()) == (before, audit)
    assert unit.status(NOW + HOUR).checked_at == NOW + HOUR / 2


def test_contact_is_noted_once_an_hour(unit: UnitUnderTest, centre: Centre) -> None:
    centre.publish(district(3))
    unit.sync(NOW + HOUR / 2)
    assert unit.state().contacted_at == NOW
    unit.sync(NOW + HOUR)
    assert unit.state().contacted_at == NOW + HOUR


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        ({"ETag": '"four"'}, {"if-none-match": '"four"'}),
        (
            {"Last_Modified": "Mon, 02 Mar 2026 08:00:00 GMT"},
            {"if-modified-since": "Mon, 02 Mar 2026 08:00:00 GMT"},
        ),
    ],
)
def test_next_request_is_conditional(
    unit: UnitUnderTest, centre: Centre, given: dict[str, str], asked: dict[str, str]
) -> None:
    centre.publish(district(4), **given)
    unit.sync()
    centre.serve("/district.toml", reply(b"", "304 Not Modified"))
    centre.requests.clear()
    assert unit.sync(NOW + HOUR / 2) is Outcome.UNCHANGED
    ((path, headers),) = centre.requests
    assert path == "/district.toml"
    assert asked.items() <= headers.items()


def test_what_a_refused_answer_says_of_itself_is_not_remembered(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4), b"no signature", ETag='"evil"')
    with pytest.raises(RefusedError):
        unit.sync()
    centre.calm()
    centre.publish(district(4))
    assert unit.sync() is Outcome.APPLIED
    assert all("if-none-match" not in headers for _, headers in centre.requests)


def test_file_and_signature_caught_between_two_uploads_are_fetched_once_more(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4))
    centre.serve("/district.toml", reply(district(3) + b"#"), reply(district(4)))
    assert unit.sync() is Outcome.APPLIED
    assert centre.paths() == ["/district.toml", "/district.toml.minisig"] * 2


def test_file_and_signature_that_never_match_are_fetched_twice_and_refused(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4), centre.key.sign(district(5)))
    with pytest.raises(RefusedError):
        unit.sync()
    assert centre.paths() == ["/district.toml", "/district.toml.minisig"] * 2


def test_three_redirects_are_followed(unit: UnitUnderTest, centre: Centre) -> None:
    _publish_behind(centre, 3)
    assert unit.sync() is Outcome.APPLIED


def test_a_fourth_redirect_is_not_followed(unit: UnitUnderTest, centre: Centre) -> None:
    _publish_behind(centre, 4)
    with pytest.raises(RefusedError) as refusal:
        unit.sync()
    assert refusal.value.code == "TooManyRedirectsError"


def _publish_behind(centre: Centre, count: int) -> None:
    body = centre.publish(district(4))
    hops = ["/district.toml", *(f"/hop-{number}" for number in range(count))]
    for here, there in pairwise(hops):
        centre.serve(here, redirect(there))
    centre.serve(hops[-1], reply(body))


def test_signature_lies_beside_the_path_whatever_the_query(
    make_unit: MakeUnit, centre: Centre
) -> None:
    unit = make_unit(district_url=f"{centre.url}?unit=ha-dinh")
    centre.serve("/district.toml?unit=ha-dinh", reply(district(1)))
    centre.serve("/district.toml.minisig?unit=ha-dinh", reply(centre.key.sign(district(1))))
    assert unit.sync() is Outcome.APPLIED


def test_plain_http_needs_a_host_that_the_settings_name(
    make_unit: MakeUnit, centre: Centre
) -> None:
    centre.publish(district(1))
    unit = make_unit(allowed_private_hosts=())
    with pytest.raises(RefusedError) as refusal:
        unit.sync()
    assert refusal.value.code == "RefusedUrlError"
    assert centre.paths() == []


@pytest.mark.parametrize("form", ["{path}", "file://{path}"])
def test_file_on_this_machine_is_read_where_configured(
    make_unit: MakeUnit, centre: Centre, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "district.toml"
    path.write_bytes(district(1))
    (tmp_path / "district.toml.minisig").write_bytes(centre.key.sign(district(1)))
    unit = make_unit(district_url=form.format(path=path))
    assert unit.sync() is Outcome.APPLIED
    assert unit.sync() is Outcome.UNCHANGED


def _missing(path: Path) -> None:
    path.unlink()


def _folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def _device(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


def _too_large(path: Path) -> None:
    path.write_bytes(b"#" * 300_000)


@pytest.mark.parametrize("spoil", [_missing, _folder, _pipe, _device, _too_large])
@pytest.mark.parametrize("name", ["district.toml", "district.toml.minisig"])
def test_no_local_file_that_is_not_one_is_read(
    make_unit: MakeUnit, centre: Centre, tmp_path: Path, spoil: Callable[[Path], None], name: str
) -> None:
    unit = make_unit(district_url=str(tmp_path / "district.toml"))
    (tmp_path / "district.toml").write_bytes(district(1))
    (tmp_path / "district.toml.minisig").write_bytes(centre.key.sign(district(1)))
    spoil(tmp_path / name)
    with pytest.raises((RefusedError, OutOfReachError)):
        unit.sync()
    assert unit.status().revision is None


def test_second_sync_at_once_says_so_and_does_nothing(unit: UnitUnderTest, centre: Centre) -> None:
    centre.publish(district(4))
    with (unit.folder / ".lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(SyncBusyError):
            unit.sync()
        assert centre.paths() == []
    assert unit.sync() is Outcome.APPLIED


def test_disk_that_refuses_is_named_and_leaves_the_old_revision(
    unit: UnitUnderTest, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = unit.snapshot()
    centre.publish(district(4))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("wardsite.mandate.store.write_atomically", full)
    with pytest.raises(NotStoredError, match="No space left"):
        unit.sync()
    assert unit.snapshot() == before
    monkeypatch.undo()
    assert unit.sync() is Outcome.APPLIED


def test_a_refusal_is_told_even_when_the_database_does_not_take_its_record(
    unit: UnitUnderTest, centre: Centre, monkeypatch: pytest.MonkeyPatch
) -> None:
    """“The disk is full” stood in the place of what was wrong with the file."""

    def full(*_: object) -> None:
        raise OperationalError("INSERT", {}, Exception("database or disk is full"))

    monkeypatch.setattr("wardsite.central.sync.note_failure", full)
    centre.publish(district(4), key=Signer())
    with pytest.raises(RefusedError) as refused:
        unit.sync()
    assert refused.value.code == "UntrustedKeyError"


def test_accepting_writes_one_audit_line_and_refusing_the_same_thing_one(
    unit: UnitUnderTest, centre: Centre
) -> None:
    start = len(unit.audit())
    centre.publish(district(4))
    unit.sync()
    centre.publish(district(1))
    for _ in range(3):
        with pytest.raises(RefusedError):
            unit.sync()
    assert unit.audit()[start:] == ["central-apply", "central-refuse"]
    assert unit.state().failures == 3


def test_the_trail_tells_a_refusal_in_the_readers_language(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(4))
    unit.sync()
    centre.publish(district(1))
    with pytest.raises(RefusedError):
        unit.sync()
    with unit.app.test_request_context("/quan-tri/nhat-ky"):
        last = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)
        said = detail(db.session.scalars(last).one().detail)
    assert said == "lý do: Tệp là bản 1, trong khi đơn vị đã từng nhận bản 4."


def test_only_the_current_and_the_previous_files_are_kept(
    unit: UnitUnderTest, centre: Centre
) -> None:
    for revision in (4, 5, 6):
        centre.publish(district(revision))
        unit.sync()
    suffixes = sorted(Path(name).suffix for name in unit.files())
    assert suffixes == [".json", ".minisig", ".minisig", ".toml", ".toml"]


# --- What applies when


def test_items_come_and_go_on_their_minute_with_no_job_running(
    unit: UnitUnderTest, centre: Centre
) -> None:
    start, end = NOW + HOUR, NOW + 2 * HOUR
    extra = f"""
[[notices]]
id = "mot-gio"
severity = "urgent"
title = "Một giờ"
body = "Chỉ trong một giờ."
valid_from = {stamp(start)}
valid_to = {stamp(end)}
"""
    centre.publish(district(4, extra))
    unit.sync()
    second = timedelta(seconds=1)
    shown = [
        any(notice.id == "mot-gio" for notice in unit.mandate(now).notices)
        for now in (start - second, start, end - second, end)
    ]
    assert shown == [False, True, True, False]


def test_revision_signed_ahead_waits_for_its_day(unit: UnitUnderTest, centre: Centre) -> None:
    day = NOW + DAY
    centre.publish(district(4, effective_from=stamp(day)))
    assert unit.sync() is Outcome.APPLIED
    assert unit.status().revision == 3
    assert unit.mandate(NOW).notices[0].title == "Thông báo của bản số 3"
    assert unit.mandate(day).notices[0].title == "Thông báo của bản số 4"
    with unit.app.app_context():
        from wardsite.mandate import service as mandates

        assert mandates.next_change(NOW) == day
        waiting = mandates.waiting(NOW)
        assert waiting is not None
        assert waiting.config.config.revision == 4


def test_recall_takes_an_item_away_at_once(unit: UnitUnderTest, centre: Centre) -> None:
    recalled = district(4).split(b"[[notices]]")[0]
    centre.publish(recalled)
    unit.sync()
    assert unit.mandate().notices == ()


def test_drill_is_counted_and_never_shown(unit: UnitUnderTest, centre: Centre) -> None:
    centre.publish(district(4, "drill = true"))
    unit.sync()
    assert unit.mandate().notices == ()
    status = unit.status()
    assert status.drills == ("thong-bao",)
    assert "drills/thong-bao" in status.shown
    page = unit.app.test_client().get("/").text
    assert "Thông báo của bản số" not in page


def test_documents_become_rows_in_the_same_transaction(unit: UnitUnderTest, centre: Centre) -> None:
    extra = """
[[documents]]
id = "1979-stttt-ttdt"
number = "1979"
symbol = "STTTT-TTĐT"
code = "1979/STTTT-TTĐT"
kind = "cong-van"
issuer = "Sở Thông tin và Truyền thông Hà Nội"
issuer_rank = "district"
issued_on = 2020-08-06
summary = "Tăng cường tuyên truyền"
"""
    centre.publish(district(4, extra))
    unit.sync()
    assert {row[0] for row in unit.snapshot()["documents"]} == {
        "1208-ubnd-vhtt",
        "1979-stttt-ttdt",
    }
    centre.publish(district(5))
    unit.sync()
    assert [row[0] for row in unit.snapshot()["documents"]] == ["1208-ubnd-vhtt"]


def test_item_that_is_not_shown_is_not_counted(unit: UnitUnderTest) -> None:
    assert unit.status().complete
    with unit.app.app_context():
        from sqlalchemy import text

        db.session.execute(text("DELETE FROM document"))
        db.session.commit()
    status = unit.status()
    assert not status.complete
    assert status.count == status.total - 1


# --- Freshness


def test_expired_file_in_force_rings_and_stays_on_show(unit: UnitUnderTest, centre: Centre) -> None:
    later = NOW + timedelta(days=91)
    assert "expired" in unit.alarms(later)
    assert unit.mandate(later).banners[0].id == "bluezone"
    assert unit.status(later).complete
    centre.publish(district(4, expires_at=stamp(later + DAY)))
    assert unit.sync(later) is Outcome.APPLIED
    assert unit.alarms(later) == set()


def test_expired_file_in_force_is_no_obstacle_to_meeting_it_again(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(3))
    assert unit.sync(NOW + timedelta(days=91)) is Outcome.UNCHANGED


def test_frozen_centre_is_found_out_by_the_date_it_signed(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(3), ETag='"three"')
    unit.sync()
    centre.serve("/district.toml", reply(b"", "304 Not Modified"))
    for days in (30, 60, 91):
        unit.sync(NOW + timedelta(days=days))
    assert unit.alarms(NOW + timedelta(days=91)) == {"expired"}


def test_no_contact_for_a_fortnight_rings(unit: UnitUnderTest) -> None:
    assert "stale" not in unit.alarms(NOW + 14 * DAY - HOUR)
    status = unit.status(NOW + 14 * DAY)
    assert status.stale
    assert not status.fresh
    (alarm,) = (alarm for alarm in status.alarms if alarm.code == "stale")
    assert (alarm.since, alarm.message.params) == (NOW, {"days": 14})


def test_answers_that_are_refused_are_no_contact(unit: UnitUnderTest, centre: Centre) -> None:
    centre.publish(district(1))
    with pytest.raises(RefusedError):
        unit.sync(NOW + 13 * DAY)
    assert {"stale", "refused"} <= unit.alarms(NOW + 15 * DAY)


# --- The clock


def test_clock_that_jumps_back_revives_nothing(unit: UnitUnderTest, centre: Centre) -> None:
    extra = f"valid_to = {stamp(NOW + DAY)}\n"
    centre.publish(district(4, extra))
    unit.sync()
    unit.sync(NOW + 2 * DAY)
    assert unit.mandate(NOW + 2 * DAY).notices == ()
    assert unit.mandate(NOW).notices == ()
    assert "clock" in unit.alarms(NOW)
    centre.publish(district(5, expires_at=stamp(NOW + DAY)))
    with pytest.raises(RefusedError) as refusal:
        unit.sync(NOW)
    assert refusal.value.code == "ConfigExpiredError"


def test_clock_that_was_far_ahead_once_does_not_shut_the_unit_off(
    unit: UnitUnderTest, centre: Centre
) -> None:
    centre.publish(district(3))
    unit.sync(NOW + timedelta(days=9000))
    centre.publish(district(4))
    assert unit.sync(NOW) is Outcome.APPLIED
    assert "clock" not in unit.alarms(NOW)


# --- When to ask again


def test_sync_is_due_a_while_after_the_last_and_after_a_failure(
    unit: UnitUnderTest, centre: Centre
) -> None:
    def due(minutes: float) -> bool:
        with unit.app.app_context():
            return room.due(NOW + timedelta(minutes=minutes))

    assert not due(11)
    assert due(19)
    centre.serve("/district.toml", reply(b"", "503 Busy", Retry_After="7200"))
    with pytest.raises(OutOfReachError):
        unit.sync()
    assert not due(119)
    assert due(121)
    centre.publish(district(3))
    unit.sync()
    assert not due(1)


def test_unit_without_an_address_is_never_due(make_unit: MakeUnit) -> None:
    unit = make_unit(district_url="")
    with unit.app.app_context():
        assert not room.due(NOW)
