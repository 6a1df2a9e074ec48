"""A preview shows, before anything is signed, what a ward and a school would show."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.conftest import EXAMPLE
from wardsite.cli import main


def test_a_folder_of_pages_shows_the_file_before_it_is_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WARDSITE_DATABASE_URL", "sqlite:////must/not/be/used.db")
    text = (EXAMPLE / "district.toml").read_text(encoding="utf-8")
    text = text.replace('title      = "Cài đặt ứng dụng Bluezone"', 'title = "Bản nháp <mới>"')
    text += '\n[[links]]\nid = "rieng"\nlabel = "Riêng trường học"\n'
    text += 'url = "https://example.vn/truong"\naudience = ["school"]\n'
    draft = tmp_path / "district.toml"
    draft.write_text(text, encoding="utf-8")
    out = tmp_path / "out"
    done = CliRunner().invoke(main, ["central", "preview", str(draft), "--out", str(out)])
    assert done.exit_code == 0, done.output
    assert draft.read_text(encoding="utf-8") == text
    assert not list(tmp_path.glob("*.minisig"))

    ward = (out / "ward" / "index.html").read_text(encoding="utf-8")
    school = (out / "school" / "index.html").read_text(encoding="utf-8")
    assert "https://www.bluezone.gov.vn/" in ward
    assert "phường Hạ Đình" in ward
    assert "Trường THCS Mẫu" in school
    assert "Riêng trường học" in school
    assert "Riêng trường học" not in ward
    assert "<script" not in ward
    assert 'href="/' not in ward
    (sheet,) = (out / "ward").rglob("site*.css")
    assert str(sheet.relative_to(out / "ward")) in ward
    index = (out / "index.html").read_text(encoding="utf-8")
    assert index.count("<iframe") == 4
    assert 'width="360"' in index
    assert 'width="1280"' in index


def test_a_file_with_problems_is_not_shown(tmp_path: Path) -> None:
    (tmp_path / "x.toml").write_text("schema_version = 1")
    out = tmp_path / "out"
    done = CliRunner().invoke(
        main, ["central", "preview", str(tmp_path / "x.toml"), "--out", str(out)]
    )
    assert done.exit_code == 1
    assert not out.exists()
