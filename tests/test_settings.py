"""Machine settings: defaults, then the file, then the environment; faults are named."""

import gettext
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from wardsite.application import close_app, create_app
from wardsite.settings import (
    TRANSLATIONS,
    Settings,
    SettingsError,
    instance_folder,
    load_settings,
    settings_from,
    write_settings,
)

LEAST: dict[str, str | int | list[str]] = {"unit_id": "ha-dinh", "unit_kind": "ward"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_settings(tmp_path, LEAST)
    return tmp_path


def add(folder: Path, line: str) -> None:
    with (folder / "wardsite.toml").open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def test_two_keys_are_enough_and_the_rest_is_safe(folder: Path) -> None:
    settings = load_settings(folder, {})
    assert (settings.unit_id, settings.unit_kind) == ("ha-dinh", "ward")
    assert (settings.host, settings.port) == ("127.0.0.1", 8000)
    assert settings.sqlalchemy_url == f"sqlite:///{folder / 'wardsite.db'}"
    assert settings.trusted_proxies == 0


def test_the_environment_wins_over_the_file(folder: Path) -> None:
    add(folder, 'port = 8100\ndistrict_keys = ["RWx"]')
    settings = load_settings(folder, {"WARDSITE_PORT": "8200", "WARDSITE_DISTRICT_KEYS": "a, b c"})
    assert settings.port == 8200
    assert settings.district_keys == ("a", "b", "c")
    assert load_settings(folder, {}).port == 8100


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("port = 0", "port"),
        ("port = 70000", "port"),
        ('port = "tám nghìn"', "port"),
        ("colour = 1", "colour"),
        ('base_url = "hadinh.gov.vn"', "base_url"),
        ('base_url = "https://x/y"', "base_url"),
        *(
            (f"base_url = '{address}'", "base_url")
            for address in (
                "ftp://hadinh.gov.vn",
                "https://",
                "https://.",
                "https://a..vn",
                "https://a.vn:70000",
                "https://a@hadinh.gov.vn",
                'https://a.vn"><script>',
                "https://a.vn?b",
                "https://*",
            )
        ),
        ('trusted_hosts = ["*"]', "trusted_hosts"),
        ("workers = 0", "workers"),
        ("unit_id = 1", "wardsite.toml"),
        ("port = = 1", "wardsite.toml"),
        ("a = " + "[" * 5000, "wardsite.toml"),
    ],
)
def test_a_fault_in_the_file_is_refused_and_named(folder: Path, line: str, named: str) -> None:
    add(folder, line)
    with pytest.raises(SettingsError) as caught:
        load_settings(folder, {})
    assert named in str(caught.value)
    assert "\n" not in str(caught.value).strip()


vietnamese = gettext.translation("messages", TRANSLATIONS, ["vi"]).gettext


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("port = 0", "“port” không hợp lệ. Hãy ghi một số nguyên từ 1 đến 65535."),
        ("media_cache_mb = 1", "“media_cache_mb” không hợp lệ. Hãy ghi một số nguyên từ 16 trở"),
        ("host = 1", "“host” không hợp lệ. Ở đây phải là một chuỗi chữ trong dấu ngoặc kép."),
        ("socket = []", "“socket” không hợp lệ. Ở đây phải là một chuỗi chữ trong dấu ngoặc kép."),
        ("unit_kind = 'city'", "“unit_kind” không hợp lệ. Phải là một trong các giá trị: ward,"),
        ("unit_id = 'Hạ Đình'", "“unit_id” không hợp lệ. Dùng chữ thường không dấu và chữ số"),
        ("district_keys = 1", "“district_keys” không hợp lệ. Hãy ghi một danh sách"),
        ("trusted_hosts = ['*']", "“trusted_hosts” không hợp lệ. “*” không phải là tên máy chủ."),
        ("base_url = 'https://a.vn/b'", "“base_url” không hợp lệ. Chỉ ghi địa chỉ của trang"),
        ("base_url = 'https://['", "“base_url” không hợp lệ. Hãy ghi địa chỉ theo dạng https://"),
        ("base_url = 'https://a.vn:70000'", "“base_url” không hợp lệ. Hãy ghi địa chỉ theo dạng"),
        ("security_contact = 'a@b'", "“security_contact” không hợp lệ. Hãy ghi mailto:…,"),
        ("media_bucket = 's3://a'", "“media_bucket” không hợp lệ. Hãy ghi địa chỉ của kho chứa"),
        ("a = " + "[" * 5000, "vượt quá giới hạn"),
        ("port = " + "1" * 5000, "vượt quá giới hạn"),
    ],
)
def test_what_is_wrong_with_a_value_is_told_in_vietnamese(
    tmp_path: Path, line: str, told: str
) -> None:
    """An English half of the sentence was left."""
    rest = [f'{key} = "{value}"' for key, value in LEAST.items() if not line.startswith(key)]
    (tmp_path / "wardsite.toml").write_text("\n".join([*rest, line]), encoding="utf-8")
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path, {})
    assert told in refused.value.said(vietnamese)


@pytest.mark.parametrize("key", [key.name for key in fields(Settings) if key.metadata])
def test_no_value_of_any_setting_is_refused_in_words_without_a_translation(
    tmp_path: Path, key: str
) -> None:
    wrong: list[object] = [None, 1.5, -1, 10**9, True, "", "Đ Đ", "https://[", [1], {}, date.max]
    refused: list[SettingsError] = []
    for value in wrong:
        try:
            settings_from(tmp_path, {**LEAST, key: value}, {})
        except SettingsError as error:
            refused.append(error)
    assert refused
    for error in refused:
        reason = error.params["reason"]
        assert isinstance(reason, SettingsError)
        assert vietnamese(reason.msgid) != reason.msgid
        assert f"“{key}”" in error.said(vietnamese)


def test_a_wrong_value_from_the_environment_is_told_by_its_variable(folder: Path) -> None:
    with pytest.raises(SettingsError, match=r"WARDSITE_PORT: .*“port”.* from 1 to 65535"):
        load_settings(folder, {"WARDSITE_PORT": "tám nghìn"})


def test_a_missing_key_a_missing_file_and_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="wardsite init"):
        load_settings(tmp_path, {})
    (tmp_path / "wardsite.toml").write_text('unit_kind = "ward"\n')
    with pytest.raises(SettingsError, match="unit_id"):
        load_settings(tmp_path, {})
    (tmp_path / "wardsite.toml").write_bytes(b"unit_id = '\xff'")
    with pytest.raises(SettingsError, match=r"wardsite\.toml"):
        load_settings(tmp_path, {})


def test_settings_are_never_written_over(folder: Path) -> None:
    before = (folder / "wardsite.toml").read_bytes()
    with pytest.raises(SettingsError):
        write_settings(folder, {"unit_id": "khac", "unit_kind": "school"})
    assert (folder / "wardsite.toml").read_bytes() == before


@hypothesis_settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"])))
def test_what_is_written_is_what_is_read(tmp_path: Path, text: str) -> None:
    (tmp_path / "wardsite.toml").unlink(missing_ok=True)
    write_settings(tmp_path, {**LEAST, "district_url": text, "district_keys": [text]})
    settings = load_settings(tmp_path, {})
    assert (settings.district_url, settings.district_keys) == (text, (text,))


def test_the_hosts_answered_to_are_the_addresss_own_and_what_is_added(folder: Path) -> None:
    assert load_settings(folder, {}).hosts == ()
    add(folder, 'base_url = "https://hadinh.example.gov.vn:8443/"\ntrusted_hosts = ["khac.vn"]')
    settings = load_settings(folder, {})
    assert settings.base_url == "https://hadinh.example.gov.vn:8443"
    assert {"hadinh.example.gov.vn", "khac.vn"} <= set(settings.hosts)
    assert settings.served_over_https


def test_the_instance_is_where_the_environment_says(tmp_path: Path) -> None:
    assert instance_folder({"WARDSITE_INSTANCE": str(tmp_path)}) == tmp_path
    assert instance_folder({}) == Path.cwd() / "instance"


@pytest.mark.parametrize(
    ("written", "meant", "host"),
    [
        ("https://HaDinh.Example.gov.vn/", "https://hadinh.example.gov.vn", None),
        ("HTTPS://hadinh.example.gov.vn:443", "https://hadinh.example.gov.vn", None),
        ("http://hadinh.example.gov.vn:80", "http://hadinh.example.gov.vn", None),
        ("https://đường.vn", "https://xn--ng-pma05d708i.vn", "xn--ng-pma05d708i.vn"),
    ],
)
def test_an_address_is_taken_as_browsers_send_it_however_it_is_written(
    app: Flask, settings: Settings, written: str, meant: str, host: str | None
) -> None:
    """A capital letter in it made the site refuse everybody."""
    given = {**LEAST, "base_url": written, "database_url": settings.database_url}
    own = settings_from(settings.instance, given, {})
    assert own.base_url == meant
    site = create_app(own)
    with site.test_client() as client:
        assert client.get("/", base_url=meant).status_code == 200
    close_app(site)
    assert host in (None, own.hosts[0])


def test_a_slip_in_the_settings_is_told_by_line_and_in_words(tmp_path: Path) -> None:
    (tmp_path / "wardsite.toml").write_text('unit_id = "ha-dinh"\nunit_kind = “ward”\n')
    with pytest.raises(SettingsError) as refused:
        load_settings(tmp_path, {})
    assert "line 2" in str(refused.value)
    assert "straight quotation marks" in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "postgresql+psycopg:///db?host=/run/postgresql",
        "postgresql+psycopg://ward:p%40ss@db.phuong.example:5432/ward?sslmode=require",
        "postgresql+psycopg://ward:two words@[::1]:5432/ward",
        "postgresql+psycopg://ward:a:/b@db/ward",
        "postgresql+psycopg://db",
    ],
)
def test_every_address_that_a_database_may_have_is_taken(folder: Path, url: str) -> None:
    assert settings_from(folder, LEAST | {"database_url": url}).database_url == url
