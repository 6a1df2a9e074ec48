"""The settings after data was carried elsewhere: one key changed, what a person wrote kept."""

from pathlib import Path

import pytest

from wardsite.ops.switch import switch
from wardsite.settings import SettingsError, load_settings

WRITTEN = """# Máy chủ của phường
unit_id = "ha-dinh"  # không đổi
unit_kind = "ward"
media_bucket = "https://a.vn/b"
"""


def test_one_key_changes_and_what_a_person_wrote_stays(tmp_path: Path) -> None:
    file = tmp_path / "wardsite.toml"
    file.write_text(WRITTEN)
    file.chmod(0o644)
    switch(tmp_path, "media_bucket", "https://c.vn/d")
    assert file.read_text() == WRITTEN.replace("https://a.vn/b", "https://c.vn/d")
    switch(tmp_path, "media_bucket", "")
    assert file.read_text() == WRITTEN.partition("media_bucket")[0]
    assert file.stat().st_mode & 0o777 == 0o644
    switch(tmp_path, "database_url", "postgresql+psycopg://ward:secret@db/ward")
    assert load_settings(tmp_path, {}).database_url.endswith("@db/ward")
    assert file.stat().st_mode & 0o777 == 0o640


def test_a_file_that_cannot_be_written_is_a_refusal(tmp_path: Path) -> None:
    (tmp_path / "wardsite.toml").mkdir()
    with pytest.raises(SettingsError, match="Cannot write to"):
        switch(tmp_path, "media_bucket", "https://c.vn/d")
