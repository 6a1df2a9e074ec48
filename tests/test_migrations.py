"""The schema from migrations is the models'; older databases are kept, newer ones refused."""

from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.operations import Operations
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.exc import IntegrityError

from wardsite import models
from wardsite.accounts.audit import make_append_only, missing_triggers, verify
from wardsite.accounts.sealing import unseal
from wardsite.accounts.secret import make_secret_key, secret_key
from wardsite.application import close_app, create_app
from wardsite.core.search import folded_words
from wardsite.extensions import Base, db
from wardsite.ops.database import (
    DatabaseError,
    DatabaseNewerError,
    alembic_config,
    migrate,
    migration_engine,
)
from wardsite.ops.schema import revisions
from wardsite.settings import Settings

FIRST = "0001"


def settings_for(folder: Path) -> Settings:
    return Settings(instance=folder, unit_id="ha-dinh", unit_kind="ward")


def ours(name: str | None, kind: str) -> bool:
    return kind != "table" or not str(name).startswith(
        ("search_fts", "search_words", "search_vector")
    )


def test_there_is_one_head_and_the_numbers_have_no_gap() -> None:
    script = ScriptDirectory.from_config(alembic_config())
    assert len(script.get_heads()) == 1
    numbers = sorted(revision.revision for revision in script.walk_revisions())
    assert numbers == [f"{number:04d}" for number in range(1, len(numbers) + 1)]
    # Starting asks the names of the files, not Alembic.
    assert revisions() == numbers


def test_migrations_make_the_schema_that_the_models_describe(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    assert migrate(settings) is True
    engine = migration_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _parents: ours(name, kind),
            },
        )
        assert compare_metadata(context, Base.metadata) == []
        checks = {
            table: {check["name"] for check in inspect(connection).get_check_constraints(table)}
            for table in Base.metadata.tables
        }
    engine.dispose()
    assert "ck_post_status" in checks[models.Post.__tablename__]
    assert "ck_central_state_one_row" in checks[models.CentralState.__tablename__]


def test_migrating_twice_changes_nothing(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    migrate(settings)
    before = (tmp_path / "wardsite.db").read_bytes()
    assert migrate(settings) is False
    assert (tmp_path / "wardsite.db").read_bytes() == before


def test_the_data_of_the_first_version_is_kept(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    engine = migration_engine(settings.sqlalchemy_url)
    config = alembic_config()
    config.attributes["engine"] = engine
    command.upgrade(config, FIRST)
    rows = (
        "INSERT INTO category (id, slug, name, \"order\") VALUES (7, 'c', 'Mục', 1)",
        "INSERT INTO post (id, title, slug, summary, body_html, category_id, source_name,"
        " source_url, status, sample, published_at, created_at, updated_at) VALUES (9,"
        " 'Tổ 7_Đình: 12/8 – 한글, Ǆ', 'dinh', '', '<p>x</p>', 7, '', '', 'published',"
        " 0, '2026-11-02 00:00:00.000000', '2026-11-02 00:00:00.000000',"
        " '2026-11-02 00:00:00.000000')",
    )
    with engine.begin() as connection:
        for statement in rows:
            connection.execute(text(statement))
    engine.dispose()
    assert migrate(settings) is True
    engine = migration_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        query = "SELECT title, slug, body_html, title_folded FROM post"
        found = connection.execute(text(query)).all()
        assert connection.execute(text("PRAGMA foreign_key_check")).all() == []
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    engine.dispose()
    title = "Tổ 7_Đình: 12/8 – 한글, Ǆ"
    assert [tuple(row) for row in found] == [(title, "dinh", "<p>x</p>", folded_words(title))]


def test_a_database_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    migrate(settings)
    engine = migration_engine(settings.sqlalchemy_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()
    before = (tmp_path / "wardsite.db").read_bytes()
    with pytest.raises(DatabaseNewerError, match="9999"):
        migrate(settings)
    assert (tmp_path / "wardsite.db").read_bytes() == before


def test_a_file_that_is_no_database_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "wardsite.db").write_bytes(b"this is no database " * 300)
    with pytest.raises(DatabaseError):
        migrate(settings_for(tmp_path))
    assert (tmp_path / "wardsite.db").read_bytes() == b"this is no database " * 300


def test_the_audit_trail_of_before_is_chained_and_guarded_after_the_migrations(
    tmp_path: Path,
) -> None:
    settings = settings_for(tmp_path)
    engine = migration_engine(settings.sqlalchemy_url)
    config = alembic_config()
    config.attributes["engine"] = engine
    command.upgrade(config, "0008")
    with engine.begin() as connection:
        for number in (1, 2):
            connection.execute(
                text(
                    "INSERT INTO audit_entry (id, at, user_name, action, subject, detail) VALUES "
                    "(:id, '2026-11-02 08:00:00.000000', 'hòa', 'post-save', '7', :detail)"
                ),
                {"id": number, "detail": '{"title": "Đình", "b": 1}'},
            )
    engine.dispose()
    assert migrate(settings) is True
    make_secret_key(tmp_path)
    app = create_app(settings)
    with app.app_context():
        assert verify().count == 2
        for change in ("UPDATE audit_entry SET action = 'x'", "DELETE FROM audit_entry"):
            with pytest.raises(IntegrityError, match="only grows"), db.engine.begin() as connection:
                connection.execute(text(change))
        assert verify().count == 2
    close_app(app)


def test_keys_of_the_second_factor_of_before_are_sealed_by_the_migration(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    make_secret_key(tmp_path)
    engine = migration_engine(settings.sqlalchemy_url)
    config = alembic_config()
    config.attributes.update(engine=engine, instance=tmp_path)
    command.upgrade(config, "0011")
    plain = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
    with engine.begin() as connection:
        for number, key in ((1, plain), (2, "")):
            connection.execute(
                text(
                    "INSERT INTO user (id, name, display_name, role, password_hash, active, "
                    "must_change_password, tour_done, created_at, totp_secret) VALUES "
                    "(:id, :name, '', 'admin', '', 1, 0, 0, '2026-11-02 08:00:00', :key)"
                ),
                {"id": number, "name": f"u{number}", "key": key},
            )
    kept = text("SELECT totp_secret FROM user ORDER BY id")
    assert migrate(settings) is True
    with engine.connect() as connection:
        sealed, none = connection.scalars(kept)
    assert (unseal(sealed, secret_key(tmp_path)), none) == (plain, "")
    command.downgrade(config, "0011")
    with engine.connect() as connection:
        assert list(connection.scalars(kept)) == [plain, ""]
    engine.dispose()


def test_a_migration_that_makes_the_audit_table_anew_leaves_it_guarded(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    migrate(settings)
    engine = migration_engine(settings.sqlalchemy_url)
    with engine.begin() as connection:
        assert missing_triggers(connection) == []
        operations = Operations(MigrationContext.configure(connection))
        with operations.batch_alter_table("audit_entry", recreate="always") as batch:
            batch.alter_column("subject", server_default="x")
        assert len(missing_triggers(connection)) == 2
        make_append_only(connection)
        assert missing_triggers(connection) == []
    engine.dispose()


def test_sources_and_what_is_in_force_are_kept_when_unread_columns_go(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    engine = migration_engine(settings.sqlalchemy_url)
    config = alembic_config()
    config.attributes["engine"] = engine
    command.upgrade(config, "0021")
    at = "2026-11-02 00:00:00.000000"
    rows = (
        'INSERT INTO source (id, name, site_url, mode, feed_url, "match", interval_minutes,'
        ' max_items, keep_days, publish, topic, "order", active, etag, last_modified, fetched_at,'
        " succeeded_at, failures, error_msgid, error_params, form_fault) VALUES (3, 'Bộ Y tế',"
        " 'https://moh.gov.vn', 'feed', '', '[]', 60, 20, 90, 'auto', '', 1, 1, '', '', :at, :at,"
        " 0, '', '{}', '')",
        "INSERT INTO headline (source_id, key, link, link_key, title, summary,"
        " published_at, guessed, status, first_seen_at, last_seen_at) VALUES (3, 'k',"
        " 'https://moh.gov.vn/1', 'l', 'Tin', '', :at, 0, 'approved', :at, :at)",
        "INSERT INTO central_state (id, sha256, revision, previous_sha256, previous_revision,"
        " applied_at, known, images, etag, last_modified, failures, error_code, error_msgid,"
        " error_params) VALUES (1, 'new', 4, 'old', 3, :at, '{}', '{}', '', '', 0, '', '', '{}')",
    )
    with engine.begin() as connection:
        for statement in rows:
            connection.execute(text(statement), {"at": at})
    engine.dispose()
    assert migrate(settings) is True
    engine = migration_engine(settings.sqlalchemy_url)
    with engine.connect() as connection:
        joined = (
            "SELECT name, succeeded_at, title FROM source JOIN headline ON source_id = source.id"
        )
        assert tuple(connection.execute(text(joined)).one()) == ("Bộ Y tế", at, "Tin")
        state = text("SELECT sha256, revision, previous_sha256 FROM central_state")
        assert tuple(connection.execute(state).one()) == ("new", 4, "old")
        columns = {
            table: {column["name"] for column in inspect(connection).get_columns(table)}
            for table in ("source", "central_state")
        }
    assert "fetched_at" not in columns["source"]
    assert "previous_revision" not in columns["central_state"]
    engine.dispose()
