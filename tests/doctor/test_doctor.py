"""Each check finds the broken state it is there for, and is silent about a whole site."""

import gettext
import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
import trustme
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import text

from tests.page import Browser
from tests.terminal import free_port, wardsite
from wardsite.accounts import audit
from wardsite.accounts.service import disable_user, record, users
from wardsite.application import close_app
from wardsite.cli import main
from wardsite.core.errors import WardsiteError
from wardsite.doctor import examination, machine, outside
from wardsite.doctor.examination import as_lines, examine_site, worst
from wardsite.doctor.finding import Finding, State
from wardsite.extensions import db, transaction
from wardsite.models import Image, Passkey, SiteProfile, Source
from wardsite.ops.backup import make_backup
from wardsite.ops.database import migration_engine
from wardsite.ops.heartbeat import note_tick
from wardsite.ops.proof import backups_folder
from wardsite.schedule import tick
from wardsite.serving.headers import HEADERS
from wardsite.settings import TRANSLATIONS, Settings

NOW = datetime.now(UTC)


def found(findings: list[Finding], check: str) -> dict[str, Finding]:
    """Return the findings of a check by their English msgid."""
    return {finding.message.msgid: finding for finding in findings if finding.check == check}


def of(settings: Settings, check: str, now: datetime = NOW) -> str:
    """Examine, and return what the check of this name said, in English, with its state."""
    return " ".join(
        f"{finding.state.name}: {finding.message} {finding.advice}"
        for finding in examine_site(settings, now)
        if finding.check == check
    )


def run(settings: Settings, statement: str) -> None:
    """Change something in the database behind the site's back."""
    engine = migration_engine(settings.sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def test_a_check_that_fails_says_why_in_the_language_of_whoever_reads(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refused(_settings: Settings, _now: datetime) -> Iterator[Finding]:
        raise WardsiteError("The file is not UTF-8 text.")
        yield

    def failed(_settings: Settings, _now: datetime) -> Iterator[Finding]:
        raise PermissionError(13, "Permission denied", "/x")
        yield

    vietnamese = gettext.translation("messages", TRANSLATIONS, ["vi"]).gettext
    monkeypatch.setattr(examination, "OF_THE_MACHINE", (refused, failed))
    monkeypatch.setattr(examination, "OF_THE_SITE", ())
    told = {f.check: f.message.said(vietnamese) for f in examine_site(settings, NOW)}
    assert told == {
        "refused": "Không kiểm tra được: Tệp không phải là văn bản UTF-8.",
        "failed": "Không kiểm tra được: không có quyền truy cập",
    }


def test_a_whole_site_has_no_fault_but_that_nobody_serves_it_here(settings: Settings) -> None:
    if not settings.database_url:
        make_backup(settings, NOW)
    note_tick(settings.instance, NOW)
    findings = examine_site(replace(settings, port=free_port()), NOW)
    assert [finding.check for finding in findings if finding.state is State.FAULT] == ["serving"]
    assert {finding.check for finding in findings} >= {
        *("disk", "memory", "time", "permissions", "jobs", "backup", "serving", "dns"),
        *(("offsite",) if not settings.database_url else ()),
        *("database", "files", "audit", "accounts", "footer", "sync", "key", "feeds"),
    }
    assert "OK" in of(settings, "jobs")
    assert "WARNING: The example key is trusted" in of(settings, "key")
    assert "WARNING: The footer is missing legally required information: " in of(settings, "footer")
    assert "without two-step verification: admin, the-admin" in of(settings, "accounts")
    assert "one-time password: admin." in of(settings, "accounts")


@pytest.mark.sqlite
def test_a_database_that_cannot_be_used_is_told_with_the_right_advice(settings: Settings) -> None:
    run(settings, "UPDATE alembic_version SET version_num = '9999'")
    told = of(settings, "database")
    assert "newer version of wardsite (9999)" in told
    assert "restore FILE" not in told, "it would lose what the newer version has saved"


def test_a_lost_key_does_not_make_backups_two_thousand_years_old(settings: Settings) -> None:
    (settings.instance / "secret_key").unlink()
    findings = examine_site(settings, NOW)
    assert "secret_key" in of(settings, "site")
    assert not [found for found in findings if found.since and found.since.year < 2000]


def test_a_passkey_is_a_second_step_as_well(app: Flask, settings: Settings) -> None:
    with app.app_context():
        with transaction() as session:
            for user in users():
                session.add(
                    Passkey(
                        user_id=user.id,
                        name="Máy ở cơ quan",
                        credential_id=user.name,
                        public_key=b"-",
                        user_handle=user.name,
                        counter=0,
                        created_at=NOW,
                    )
                )
        db.session.remove()
    assert "without two-step verification" not in of(settings, "accounts")


def test_what_is_put_right_is_no_longer_told(app: Flask, settings: Settings) -> None:
    with app.app_context():
        with transaction() as session:
            profile = session.get_one(SiteProfile, 1)
            profile.address, profile.phone = "Số 1 phố Kim Giang", "024 3558 1234"
            profile.responsible_name, profile.responsible_title = "Nguyễn Văn A", "Chủ tịch"
            for user in users():
                user.totp_secret, user.must_change_password = "set", False
        db.session.remove()
    trusted = replace(
        settings, district_keys=("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3",)
    )
    assert of(settings, "footer").startswith("OK")
    assert of(settings, "accounts").startswith("OK")
    assert of(trusted, "key").startswith("OK")
    assert "FAULT" in of(
        trusted, "sync"
    )  # the file in force is signed by the key no longer trusted


def test_forgotten_accounts_and_a_site_without_admin_are_told(
    app: Flask, settings: Settings
) -> None:
    assert "Not used for six months: admin, the-admin" in of(
        settings, "accounts", NOW + timedelta(days=200)
    )
    with app.app_context():
        for user in users():
            if user.role == "admin":
                with db.session.begin_nested():
                    user.role = "editor"
        db.session.commit()
        disable_user("the-author", NOW)
        db.session.remove()
    assert "FAULT: There is no active administrator." in of(settings, "accounts")


@pytest.mark.sqlite
def test_a_corrupt_page_of_the_database_is_a_fault(settings: Settings) -> None:
    path = settings.instance / "wardsite.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'post'"
        ).fetchone()[0]
        size = connection.execute("PRAGMA page_size").fetchone()[0]
    with path.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(b"\xff" * 200)
    told = of(settings, "database")
    assert "FAULT: The database is damaged" in told
    assert "wardsite restore" in told
    assert "WARNING: The check could not be completed" in of(settings, "site")
    told = wardsite(settings.instance, "doctor").stdout
    assert "Cơ sở dữ liệu bị hỏng. Chi tiết kỹ thuật: “" in told


def test_a_database_of_an_older_version_is_a_fault(settings: Settings) -> None:
    run(settings, "UPDATE alembic_version SET version_num = '0001'")
    assert "wardsite upgrade" in of(settings, "database")


@pytest.mark.sqlite
def test_a_database_that_was_emptied_or_is_gone_is_damaged_and_not_old(
    settings: Settings,
) -> None:
    # An upgrade would not bring it back.
    for beside in ("", "-wal", "-shm"):
        (settings.instance / f"wardsite.db{beside}").unlink(missing_ok=True)
    (settings.instance / "wardsite.db").touch()
    told = of(settings, "database")
    assert "FAULT: The database is empty" in told
    assert "wardsite restore" in told
    (settings.instance / "wardsite.db").unlink()
    assert "is missing. Restore the last verified backup" in of(settings, "database")


def test_a_database_server_or_a_store_of_files_that_cannot_be_used_says_what_to_do(
    settings: Settings,
) -> None:
    away = "postgresql+psycopg://ward:mat-khau@127.0.0.1:1/x"
    told = of(replace(settings, database_url=away), "database")
    assert "Check that the database server is running" in told
    assert "mat-khau" not in told
    bucket = replace(settings, media_bucket="https://s3.example.vn/kho")
    assert "media_key, with the key’s name and secret" in of(bucket, "files")
    (settings.instance / "secret_key").unlink()
    assert "tar --zstd -xf FILE secret_key" in of(settings, "site")


def test_a_line_of_the_audit_trail_that_was_changed_is_a_fault(settings: Settings) -> None:
    server = bool(settings.database_url)
    run(
        settings,
        f"DROP TRIGGER {'audit_entry_only_grows' if server else 'audit_entry_no_update'}"
        f"{' ON audit_entry' if server else ''}",
    )
    assert "no longer protects the audit log" in of(settings, "audit")
    run(settings, "UPDATE audit_entry SET user_name = 'x' WHERE id = 2")
    assert "Line 2 of the audit log was changed" in of(settings, "audit")


def test_pictures_that_are_gone_are_told(app: Flask, settings: Settings) -> None:
    with app.app_context(), transaction() as session:
        session.add(Image(name="mat.webp", width=1, height=1, size=1, created_at=NOW))
    close_app(app)
    assert "1 pictures or files used by the site are missing, such as media/mat.webp" in of(
        settings, "files"
    )


@pytest.mark.sqlite
@pytest.mark.parametrize(
    ("age", "state"),
    [(timedelta(days=1), "OK"), (timedelta(days=3), "WARNING"), (timedelta(days=9), "FAULT")],
)
def test_the_age_of_the_last_proven_backup_is_told(
    settings: Settings, signed_in: Callable[[str], Browser], age: timedelta, state: str
) -> None:
    made = make_backup(settings, NOW - age)
    assert of(settings, "backup").startswith(state)
    page = signed_in("author").get("/quan-tri").text
    assert "Bản sao lưu gần nhất đã kiểm chứng" in page
    assert ("Bản sao lưu đã kiểm chứng gần nhất cách đây" in page) is (state != "OK")
    made.path.unlink()
    assert "The first backup will be made tonight" in of(settings, "backup")
    old = (NOW - age).timestamp()
    os.utime(settings.instance / "secret_key", (old, old))
    assert ("No backup of this site has been verified yet" in of(settings, "backup")) is (
        state != "OK"
    )


@pytest.mark.sqlite
def test_a_backup_that_never_left_the_machine_is_told(settings: Settings) -> None:
    make_backup(settings, NOW)
    assert "WARNING: No backup has been copied to another machine." in of(settings, "offsite")
    mark = backups_folder(settings.instance) / "offsite"
    mark.touch()
    assert of(settings, "offsite").startswith("OK")
    os.utime(mark, (0, 0))
    assert "recently" in of(settings, "offsite")


def test_a_timer_that_stopped_is_a_fault_and_its_first_run_makes_a_backup(
    app: Flask, settings: Settings
) -> None:
    assert "WARNING: “wardsite tick” has never run" in of(settings, "jobs")
    with app.app_context():
        assert {done.error for done in tick(settings, NOW)} == {None}
        db.session.remove()
    assert of(settings, "jobs").startswith("OK")
    made = (
        "data is on a database server"
        if settings.database_url
        else "last verified backup was made at"
    )
    assert of(settings, "backup").startswith(f"OK: The {made}")
    told = of(settings, "jobs", NOW + timedelta(hours=2))
    assert "FAULT" in told
    assert "systemctl enable --now wardsite@ha-dinh.timer" in told


def test_a_clock_that_went_back_a_year_is_a_fault(settings: Settings) -> None:
    note_tick(settings.instance, NOW)
    assert "The clock on this server has gone back." in of(
        settings, "time", NOW - timedelta(days=365)
    )
    free = machine.judge_time(NOW, None, 5)
    assert (free.state, machine.judge_time(NOW, NOW, 0).state) == (State.WARNING, State.OK)


def test_files_that_others_can_read_or_that_belong_to_another_are_faults(
    settings: Settings,
) -> None:
    assert of(settings, "permissions").startswith("OK")
    (settings.instance / "secret_key").chmod(0o644)
    (settings.instance / "media").chmod(0o777)
    settings.instance.chmod(0o755)
    told = of(settings, "permissions")
    assert (
        "FAULT: Other users on this machine can read or change: instance, secret_key, media."
        in told
    )
    assert "chmod" in told
    if os.geteuid() == 0:
        stranger = settings.instance / "media" / "anh.webp"
        stranger.touch()
        os.chown(stranger, 65534, 65534)
        assert "1 files belong to a different user from the folder, such as media/anh.webp" in of(
            settings, "permissions"
        )


def test_a_trail_cut_off_at_its_end_is_a_fault_though_its_chain_is_whole(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        with transaction() as session:
            record(session, NOW, "the-admin", "site-profile")
        assert not [done.error for done in tick(settings, NOW) if done.error]
    assert of(settings, "audit").startswith("OK")
    with app.app_context(), db.engine.begin() as connection:
        sqlite = connection.dialect.name == "sqlite"
        for name in audit.TRIGGERS if sqlite else ("audit_entry_only_grows ON audit_entry",):
            connection.execute(text(f"DROP TRIGGER {name}"))
        last = "(SELECT max(id) FROM audit_entry)"
        connection.execute(text(f"DELETE FROM audit_entry WHERE id = {last}"))  # noqa: S608
        audit.make_append_only(connection)
    assert "FAULT: The end of the audit log is missing" in of(settings, "audit")
    with app.app_context():
        audit.verify()
        [told] = [done.error for done in tick(settings, NOW) if done.name == "audit"]
        assert isinstance(told, audit.BrokenChainError)


def test_a_full_disk_and_a_machine_without_memory_are_told() -> None:
    states = {
        machine.judge_disk(machine.Room(free * 1024 * 1024, entries), backup * 1024 * 1024).state
        for free, entries, backup in ((50, None, 0), (50_000, 12, 0))
    }
    assert states == {State.FAULT}
    few = machine.judge_disk(machine.Room(50 * 2**30, 12), 0).message
    assert "only 12 more files" in str(few), "free space is no answer to that"
    assert machine.judge_disk(machine.Room(2**30, None), 2**32).state is State.WARNING
    assert machine.judge_disk(machine.Room(2**30, 10**6), 2**20).state is State.OK
    text = "MemTotal: 480000 kB\nMemAvailable: {} kB\nSwapFree: {} kB\n"
    assert machine.judge_memory(text.format(20_000, 1_000)).state is State.WARNING
    assert machine.judge_memory(text.format(20_000, 900_000)).state is State.OK


def test_a_source_that_cannot_be_read_and_a_centre_out_of_reach_are_told(
    app: Flask, settings: Settings
) -> None:
    with app.app_context():
        with transaction() as session:
            source = session.query(Source).filter(Source.mode == "feed").first()
            assert source is not None
            source.failures, source.error_since, name = 3, NOW, source.name
        db.session.remove()
    assert f"WARNING: The source “{name}” cannot be read." in of(settings, "feeds")
    assert "no contact with the parent unit for 20 days" in of(
        settings, "sync", NOW + timedelta(days=20, minutes=1)
    )
    lost = replace(settings, district_url="", district_keys=())
    assert "FAULT: The address of the district file is not set for this site." in of(lost, "sync")


class Site(BaseHTTPRequestHandler):
    """A home page as a proxy might hand it on."""

    headers_to_send: dict[str, str] = HEADERS
    body = b'<p data-slot="bluezone"></p>'

    def do_GET(self) -> None:
        self.send_response(200)
        for name, value in self.headers_to_send.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(self.body)))
        self.end_headers()
        self.wfile.write(self.body)

    def log_message(self, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def listening(
    certificate: trustme.LeafCert | None = None, **how: object
) -> Iterator[tuple[HTTPServer, int]]:
    import ssl

    server = HTTPServer(("127.0.0.1", 0), type("Handler", (Site,), how))
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        certificate.configure_cert(context)
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server, server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def seen(settings: Settings, url: str, now: datetime = NOW) -> dict[str, str]:
    """Return what the checks from outside say of a base_url, by check."""
    own = replace(settings, base_url=url)
    findings = [*outside.dns(own, now), *outside.page(own, now)]
    return {f.check: f"{f.state.name}: {f.message}" for f in reversed(findings)}


def test_what_visitors_get_is_looked_at_as_they_get_it(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    good = {**HEADERS, "Strict-Transport-Security": "max-age=31536000"}
    end = NOW + timedelta(days=90)
    certificate = authority.issue_cert("127.0.0.1", not_after=end)
    with listening(certificate, headers_to_send=good) as (_, port):
        url = f"https://127.0.0.1:{port}"
        whole = seen(settings, url)
        assert {check: told[:2] for check, told in whole.items() if check != "dns"} == {
            **{"certificate": "OK", "headers": "OK", "banner": "OK"}
        }
        assert whole["dns"] == "WARNING: 127.0.0.1 has no IPv6 address."
        late = seen(settings, url, end - timedelta(days=10, hours=1))["certificate"]
        assert late == "WARNING: The certificate is valid for only 10 more days."
    past = authority.issue_cert("127.0.0.1", not_after=NOW - timedelta(days=1))
    with listening(past, headers_to_send=good) as (_, port):
        assert (
            "is not valid: certificate has expired"
            in seen(settings, f"https://127.0.0.1:{port}")["certificate"]
        )


def test_a_proxy_that_drops_headers_or_serves_another_site_is_a_fault(settings: Settings) -> None:
    bad = {name: value for name, value in HEADERS.items() if name != "Referrer-Policy"}
    bad |= {"Content-Security-Policy": "default-src *", "Set-Cookie": "a=b"}
    with listening(headers_to_send=bad, body=b"<h1>Welcome to nginx!</h1>") as (_, port):
        told = seen(settings, f"http://127.0.0.1:{port}")
    assert told["headers"].endswith("content-security-policy, referrer-policy, set-cookie.")
    assert told["banner"].startswith("FAULT")
    assert "without encryption" in told["certificate"]
    silent = seen(settings, f"http://127.0.0.1:{port}")
    assert "points to 127.0.0.1, which does not respond" in silent["dns"]
    assert silent["page"].startswith("FAULT")


def test_a_name_that_leads_nowhere_and_an_ipv6_address_that_is_dead_are_faults(
    settings: Settings,
) -> None:
    assert seen(settings, "https://khong-co.invalid")["dns"].startswith("FAULT")
    told = list(outside.judge_addresses("x.vn", [("1.2.3.4", True), ("2001:db8::1", False)]))
    assert [(f.state, f.message.params["addresses"]) for f in told] == [
        (State.FAULT, "2001:db8::1")
    ]
    both = list(outside.judge_addresses("x.vn", [("1.2.3.4", True), ("2001:db8::1", True)]))
    assert [f.state for f in both] == [State.OK]


def test_a_check_that_cannot_look_says_so_and_keeps_no_other_from_looking(
    settings: Settings,
) -> None:
    shutil.rmtree(settings.instance / "media")
    (settings.instance / "secret_key").write_bytes(b"")
    findings = examine_site(settings, NOW)
    assert worst(findings) is State.FAULT
    assert len({finding.check for finding in findings}) > 8
    assert all("%(" not in line for line in as_lines(findings))
    assert any(isinstance(finding.message, WardsiteError) for finding in findings)


def test_the_command_tells_people_in_their_language_and_programs_in_json(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = str(free_port())
    done = wardsite(settings.instance, "doctor", WARDSITE_PORT=port)
    assert done.returncode == 1, done.stderr
    assert "LỖI" in done.stdout.splitlines()[0]
    assert "Trang không hoạt động" in done.stdout
    assert "→" in done.stdout
    monkeypatch.setenv("WARDSITE_INSTANCE", str(settings.instance))
    monkeypatch.setenv("WARDSITE_PORT", port)
    told = json.loads(CliRunner().invoke(main, ["doctor", "--json"]).stdout)
    assert (told["unit"], told["worst"]) == ("ha-dinh", "fault")
    assert {"check", "state", "message", "advice", "since"} == set(told["checks"][0])


def test_settings_that_cannot_be_read_are_a_finding_for_programs_as_well(
    settings: Settings,
) -> None:
    (settings.instance / "wardsite.toml").write_text("unit_id = ")
    done = wardsite(settings.instance, "doctor", "--json")
    assert (done.returncode, done.stderr) == (1, "")
    told = json.loads(done.stdout)
    assert (told["unit"], told["worst"]) == (None, "fault")
    [check] = told["checks"]
    assert (check["check"], check["state"]) == ("settings", "fault")
    assert "wardsite.toml" in check["message"]
    people = wardsite(settings.instance, "doctor")
    assert (people.returncode, people.stdout) == (1, "")
    assert people.stderr.strip() == check["message"]
