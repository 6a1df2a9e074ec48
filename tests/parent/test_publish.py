"""The parent unit's desk, through its own commands and the stock minisign tool."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import minisign
import pytest
from click.testing import CliRunner, Result

from wardsite.cli import main
from wardsite.core.central_config import json_schema, parse
from wardsite.core.signing import parse_public_key, verify
from wardsite.parent.publish import public_key_beside

EXAMPLE = Path(__file__).parents[2] / "examples" / "thanh-xuan"
KEY, EXAMPLE_PASSPHRASE = EXAMPLE / "EXAMPLE-DO-NOT-USE.key", "EXAMPLE-DO-NOT-USE"
OPEN_KEY: dict[str, Path] = {}
PASSPHRASE = "bốn từ không ai đoán"
needs_minisign = pytest.mark.skipif(not shutil.which("minisign"), reason="no minisign tool")


@pytest.fixture(scope="module", autouse=True)
def _open_key(tmp_path_factory: pytest.TempPathFactory) -> None:
    """A pair without a passphrase: to open one that has one is slow on purpose."""
    folder, pair = tmp_path_factory.mktemp("keys"), minisign.KeyPair.generate()
    for name, half in (("key", pair.secret_key), ("pub", pair.public_key)):
        OPEN_KEY[name] = folder / f"open.{name}"
        OPEN_KEY[name].write_bytes(bytes(half) + b"\n")


@pytest.fixture
def district(tmp_path: Path) -> Path:
    """A copy of the example, not signed yet."""
    path = tmp_path / "district.toml"
    path.write_bytes((EXAMPLE / "district.toml").read_bytes())
    return path


def run(*words: str | Path, text: str = "") -> Result:
    return CliRunner().invoke(main, ["central", *map(str, words)], input=text)


def sign(path: Path, *words: str | Path, passphrase: str = "") -> Result:
    """Sign with the passphrase on a pipe, as a script would."""
    if "--key" not in words:
        words = (*words, "--key", OPEN_KEY["key"])
    read, write = os.pipe()
    os.write(write, f"{passphrase}\n".encode())
    os.close(write)
    try:
        return run("sign", path, "--passphrase-fd", str(read), *words)
    finally:
        os.close(read)


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def holds(path: Path, key: Path | None = None) -> str:
    """Verify with our own code and return the trusted comment."""
    key = key or OPEN_KEY["pub"]
    signature = path.with_name(f"{path.name}.minisig").read_bytes()
    return verify(path.read_bytes(), signature, [parse_public_key(key.read_text())]).trusted_comment


class TestKeygen:
    def test_makes_a_pair_that_signs_and_that_only_its_owner_reads(
        self, tmp_path: Path, district: Path
    ) -> None:
        made = run("keygen", "--out", tmp_path / "k", text=f"{PASSPHRASE}\n{PASSPHRASE}\n")
        assert made.exit_code == 0, made.output
        assert (tmp_path / "k.key").stat().st_mode & 0o777 == 0o600
        assert PASSPHRASE not in made.output
        public = public_key_beside(tmp_path / "k.key")
        assert public is not None
        assert public.text in made.output
        signed = sign(district, "--yes", "--key", tmp_path / "k.key", passphrase=PASSPHRASE)
        assert signed.exit_code == 0, signed.output
        assert holds(district, tmp_path / "k.pub").startswith("config:thanh-xuan revision:")

    def test_never_writes_over_a_key(self, tmp_path: Path) -> None:
        (tmp_path / "k.key").write_text("precious")
        made = run("keygen", "--out", tmp_path / "k", text=f"{PASSPHRASE}\n{PASSPHRASE}\n")
        assert made.exit_code == 1
        assert (tmp_path / "k.key").read_text() == "precious"
        assert not (tmp_path / "k.pub").exists()

    @pytest.mark.parametrize("place", [".", "/", "khong-co/k"])
    def test_a_place_that_takes_no_file_is_told_in_one_line(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        made = run("keygen", "--out", place, text=f"{PASSPHRASE}\n{PASSPHRASE}\n")
        assert isinstance(made.exception, SystemExit), made.exception
        assert made.exit_code == 1
        assert not list(tmp_path.iterdir())

    @pytest.mark.parametrize("half", ["k.key", "k.pub"])
    def test_a_pair_is_there_whole_or_not_at_all(self, tmp_path: Path, half: str) -> None:
        (tmp_path / half).symlink_to(tmp_path / "gone" / half)
        made = run("keygen", "--out", tmp_path / "k", text=f"{PASSPHRASE}\n{PASSPHRASE}\n")
        assert made.exit_code == 1
        assert [path.name for path in tmp_path.iterdir()] == [half]

    @pytest.mark.parametrize("words", ["", "ngắn", "x" * 11])
    def test_refuses_a_passphrase_that_protects_nothing(self, tmp_path: Path, words: str) -> None:
        made = run("keygen", "--out", tmp_path / "k", text=f"{words}\n{words}\n" * 2)
        assert made.exit_code == 1
        assert not list(tmp_path.iterdir())

    def test_has_no_option_for_a_passphrase(self) -> None:
        for command in ("keygen", "sign"):
            assert "--passphrase " not in run(command, "--help").output


class TestCheck:
    def test_the_example_is_valid_and_what_it_leaves_open_is_named(self, district: Path) -> None:
        checked = run("check", district)
        assert checked.exit_code == 0, checked.output
        line = next(
            number
            for number, text in enumerate(district.read_text().splitlines(), 1)
            if text.startswith("valid_to")
        )
        assert f"district.toml:{line}: notices[cai-bluezone].valid_to:" in checked.output

    def test_says_every_problem_at_once_by_line_in_vietnamese(self, district: Path) -> None:
        edit(district, "mandatory  = true", 'mandatory  = "có"')
        edit(district, 'issuer_rank  = "city"', 'issuer_rank  = "thanh-pho"')
        edit(district, 'number   = "0969082115"', 'number   = "0969.082.115"')
        checked = run("check", district)
        assert checked.exit_code == 1
        found = re.findall(r"✗ district\.toml:(\d+): ([^:]+): (.+)", checked.output)
        assert [field for _, field, _ in found] == [
            "documents[1979-stttt-ttdt].issuer_rank",
            "banners[bluezone].mandatory",
            "hotlines[cdc-hn-1].number",
        ]
        assert [int(line) for line, _, _ in found] == sorted(int(line) for line, _, _ in found)
        assert "cần" in found[1][2] or "phải" in found[1][2]

    def test_a_slip_of_writing_and_a_missing_file_are_told_in_vietnamese(
        self, district: Path
    ) -> None:
        edit(district, "issued_on    = 2020-08-12", "issued_on    = 12/8/2020")
        slip = run("check", district).output
        assert "năm trước: 2020-08-12" in slip
        missing = run("check", district.with_name("khong-co.toml"))
        assert missing.exit_code == 1
        assert "không có tệp hoặc thư mục này" in missing.output

    def test_addresses_that_residents_cannot_reach_are_warned_of(self, district: Path) -> None:
        edit(district, "https://moh.gov.vn/", "https://10.0.0.1/")
        edit(district, "https://suckhoedoisong.vn/rss/home.rss", "https://tin.local/rss")
        warned = re.findall(
            r"! district\.toml:\d+: ([^:]+): .*nội bộ", run("check", district).output
        )
        assert warned == ["sources[moh].site_url", "sources[suckhoedoisong].feed_url"]

    def test_english_on_request(self, district: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        from wardsite.language import speak_on_terminal

        monkeypatch.setenv("LANG", "en_US.UTF-8")
        speak_on_terminal()
        try:
            assert "a valid district file" in run("check", district).output
        finally:
            monkeypatch.setenv("LANG", "vi_VN.UTF-8")
            speak_on_terminal()

    @pytest.mark.parametrize(
        ("old", "new", "field"),
        [
            (
                'display    = "1900 9095"',
                'display    = "1900 9096"',
                "hotlines[byt-19009095].display",
            ),
            ("# effective_to = 2020", "effective_to = 2021", "config.effective_to"),
            ('basis      = "1208-ubnd-vhtt"', "", "banners[bluezone]: "),
            ("publish      = true", "publish = false", "banners[bluezone].basis"),
            ('Mạnh Đạt"\ntopics       = ["covid-19"]', 'Mạnh Đạt"', "topics[covid-19]: "),
            (
                "# image_url, image_sha256",
                f'image_url="https://a.vn/b.png"\nimage_sha256="{"0" * 64}"\n#',
                "banners[bluezone].image_url",
            ),
            ('# url = "https://…"', 'url = "http://a.vn/" #', "units[ha-dinh].url"),
            ("[MẪU] công văn không đặt", "", "notices[cai-bluezone].valid_to"),
        ],
    )
    def test_warns_without_refusing(self, district: Path, old: str, new: str, field: str) -> None:
        edit(district, old, new)
        checked = run("check", district)
        assert checked.exit_code == 0, checked.output
        assert re.search(rf"^! district\.toml:\d+: {re.escape(field)}", checked.output, re.M)

    @pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"[" * 5000, b"a" * 300_000, b"x = "])
    def test_hostile_files_end_in_one_clear_line(self, district: Path, content: bytes) -> None:
        district.write_bytes(content)
        checked = run("check", district)
        assert checked.exit_code == 1
        assert isinstance(checked.exception, SystemExit)
        assert run("check", district.with_name("missing.toml")).exit_code == 1
        assert run("check", district.parent).exit_code == 1


class TestSign:
    def test_raises_the_revision_sets_the_dates_and_keeps_every_comment(
        self, district: Path
    ) -> None:
        before = district.read_text(encoding="utf-8").splitlines()
        signed = sign(district, "--yes", "--valid-days", "30")
        assert signed.exit_code == 0, signed.output
        after = district.read_text(encoding="utf-8").splitlines()
        differing = [new for old, new in zip(before, after, strict=True) if old != new]
        assert [line.split()[0] for line in differing] == ["issued_at", "expires_at"]
        assert all("# [" in line for line in differing)
        meta = parse(district.read_bytes()).config
        assert meta.expires_at - meta.issued_at == timedelta(days=30)
        assert abs(datetime.now(UTC) - meta.issued_at) < timedelta(minutes=1)
        assert holds(district)

    def test_each_signing_takes_the_next_number_and_keeps_a_record(self, district: Path) -> None:
        for revision in (1, 2, 3):
            assert sign(district, "--yes").exit_code == 0
            assert parse(district.read_bytes()).config.revision == revision
            record = district.parent / "signed" / f"district-r{revision}.toml"
            assert record.read_bytes() == district.read_bytes()
            assert holds(record)

    def test_a_number_given_out_elsewhere_is_not_given_out_again(self, district: Path) -> None:
        shutil.copy(EXAMPLE / "district.toml.minisig", district.parent)
        edit(district, "1900 9095", "1900 9096")
        assert sign(district, "--yes").exit_code == 0
        assert parse(district.read_bytes()).config.revision == 2

    def test_counts_on_from_the_file_named_as_previous(
        self, district: Path, tmp_path: Path
    ) -> None:
        older = tmp_path / "elsewhere.toml"
        older.write_text(district.read_text().replace("revision       = 1 ", "revision = 41 "))
        assert sign(district, "--yes", "--previous", older).exit_code == 0
        assert parse(district.read_bytes()).config.revision == 42

    def test_the_file_named_as_previous_tells_whether_units_know_the_key(
        self, district: Path, tmp_path: Path
    ) -> None:
        other = minisign.KeyPair.generate()
        (tmp_path / "other.key").write_bytes(bytes(other.secret_key) + b"\n")
        (tmp_path / "other.pub").write_bytes(bytes(other.public_key) + b"\n")
        older = tmp_path / "elsewhere" / "district.toml"
        older.parent.mkdir()
        shutil.copy(district, older)
        assert sign(older, "--yes", "--key", tmp_path / "other.key").exit_code == 0
        assert "khóa khác" in sign(district, "--yes", "--previous", older).output
        older.with_name("district.toml.minisig").unlink()
        assert "khóa khác" not in sign(district, "--yes", "--previous", older).output

    def test_a_file_beside_that_cannot_be_used_is_named(
        self, district: Path, tmp_path: Path
    ) -> None:
        shutil.copy(OPEN_KEY["key"], tmp_path / "k.key")
        (tmp_path / "k.pub").write_text("no key")
        assert "k.pub" in sign(district, "--yes", "--key", tmp_path / "k.key").output
        record = tmp_path / "signed" / "district-r5.toml"
        record.parent.mkdir()
        record.write_text("no district file")
        refused = sign(district, "--yes")
        assert refused.exit_code == 1
        assert "district-r5.toml" in refused.output
        assert not district.with_name("district.toml.minisig").exists()

    @pytest.mark.parametrize("key", [".", "/", "khong-co.key"])
    def test_a_key_that_is_no_file_is_told_in_one_line(self, district: Path, key: str) -> None:
        refused = sign(district, "--yes", "--key", key)
        assert isinstance(refused.exception, SystemExit), refused.exception
        assert refused.exit_code == 1
        assert not district.with_name("district.toml.minisig").exists()

    def test_tells_in_words_what_residents_will_see_change(self, district: Path) -> None:
        assert sign(district, "--yes").exit_code == 0
        edit(district, 'display    = "1900 9095"', 'display    = "19009095"')
        edit(district, 'title       = "Vận động', 'title       = "Kêu gọi')
        told = sign(district, "--yes").output
        assert "“1900 9095” → “19009095”" in told
        assert "Kêu gọi người dân" in told
        assert "thanh-xuan-nam" not in told

    def test_tells_codes_in_words(self, district: Path) -> None:
        assert sign(district, "--yes").exit_code == 0
        edit(district, 'severity    = "important"', 'severity    = "urgent"')
        edit(district, '"sidebar-top"', '"home-top"')
        told = sign(district, "--yes").output
        assert "Thông báo quan trọng → Thông báo khẩn" in told
        assert "đầu cột bên → đầu trang chủ" in told

    def test_says_so_when_nothing_changes(self, district: Path) -> None:
        sign(district, "--yes")
        told = sign(district, "--yes").output
        assert "→" not in told
        assert "Không có gì thay đổi" in told

    def test_without_a_yes_nothing_is_written(self, district: Path) -> None:
        before = district.read_bytes()
        refused = run("sign", district, "--key", KEY, text="n\n")
        assert refused.exit_code == 1
        assert district.read_bytes() == before
        assert [path.name for path in district.parent.iterdir()] == ["district.toml"]

    def test_a_key_that_cannot_sign_is_told_before_anything_is_shown_or_asked(
        self, district: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "bad.key").write_text("nothing")
        for name in ("none.key", "bad.key"):
            refused = run("sign", district, "--key", tmp_path / name, text="n\n")
            assert refused.exit_code == 1
            assert len(refused.output.splitlines()) == 1, refused.output

    @pytest.mark.parametrize(
        ("old", "new"),
        [
            ("mandatory  = true", "mandatory  = 1"),
            ('id             = "thanh-xuan"', 'id = "quan-khac"'),
            ("revision       = 1 ", "revision       = 5000 "),
        ],
    )
    def test_refuses_what_units_would_refuse(self, district: Path, old: str, new: str) -> None:
        assert sign(district, "--yes").exit_code == 0
        edit(district, old, new)
        before = district.read_bytes()
        refused = sign(district, "--yes")
        assert refused.exit_code == 1
        assert isinstance(refused.exception, SystemExit)
        assert district.read_bytes() == before

    def test_refuses_a_wrong_passphrase_a_broken_key_and_a_key_that_the_file_revokes(
        self, district: Path, tmp_path: Path
    ) -> None:
        before = district.read_bytes()
        assert sign(district, "--yes", "--key", KEY, passphrase="wrong").exit_code == 1
        (tmp_path / "k.key").write_text("nothing")
        assert sign(district, "--yes", "--key", tmp_path / "k.key").exit_code == 1
        assert sign(district, "--yes", "--key", tmp_path / "none.key").exit_code == 1
        assert run("sign", district, "--yes", "--key", KEY, "--passphrase-fd", "99").exit_code == 1
        assert district.read_bytes() == before
        own = public_key_beside(OPEN_KEY["key"])
        assert own is not None
        edit(district, "schema_version = 1", f'schema_version = 1\nrevoked_keys = ["{own.key_id}"]')
        assert sign(district, "--yes").exit_code == 1
        assert not (tmp_path / "signed").exists()

    def test_refuses_to_compare_with_a_record_that_was_changed(self, district: Path) -> None:
        sign(district, "--yes")
        edit(district.parent / "signed" / "district-r1.toml", "1900 9095", "1900 0000")
        assert sign(district, "--yes").exit_code == 1

    def test_warns_when_units_do_not_know_the_key_yet(self, district: Path, tmp_path: Path) -> None:
        sign(district, "--yes")
        run("keygen", "--out", tmp_path / "new", text=f"{PASSPHRASE}\n{PASSPHRASE}\n")
        key = ("--key", tmp_path / "new.key")
        warning = "khóa khác"
        told = sign(district, "--yes", *key, passphrase=PASSPHRASE)
        assert told.exit_code == 0, told.output
        assert warning in told.output

    def test_a_rotation_announced_by_the_old_key_goes_without_a_warning(
        self, district: Path, tmp_path: Path
    ) -> None:
        run("keygen", "--out", tmp_path / "new", text=f"{PASSPHRASE}\n{PASSPHRASE}\n")
        new = public_key_beside(tmp_path / "new.key")
        assert new is not None
        with district.open("a") as file:
            file.write(f'\n[[keys]]\nid = "next"\npublic_key = "{new.text}"\n')
        assert sign(district, "--yes").exit_code == 0
        told = sign(district, "--yes", "--key", tmp_path / "new.key", passphrase=PASSPHRASE)
        assert told.exit_code == 0, told.output
        assert "khóa khác" not in told.output

    @needs_minisign
    def test_the_stock_tool_accepts_what_we_sign(self, district: Path) -> None:
        sign(district, "--yes")
        public = OPEN_KEY["pub"]
        subprocess.run(["minisign", "-V", "-p", public, "-m", district], check=True)
        district.write_bytes(district.read_bytes() + b"\n")
        assert subprocess.run(["minisign", "-V", "-p", public, "-m", district]).returncode

    @needs_minisign
    def test_we_sign_with_a_key_the_stock_tool_made(self, district: Path, tmp_path: Path) -> None:
        # Without a passphrase; tests/core/test_signing.py opens one that has one.
        pair = ("-p", tmp_path / "s.pub", "-s", tmp_path / "s.key")
        subprocess.run(["minisign", "-G", "-W", *pair], check=True)
        signed = sign(district, "--yes", "--key", tmp_path / "s.key")
        assert signed.exit_code == 0, signed.output
        subprocess.run(["minisign", "-V", "-p", tmp_path / "s.pub", "-m", district], check=True)

    @needs_minisign
    def test_a_number_the_stock_tool_gave_out_is_not_given_out_again(self, district: Path) -> None:
        sign(district, "--yes")
        edit(district, "revision       = 1 ", "revision       = 2 ")
        subprocess.run(["minisign", "-S", "-s", OPEN_KEY["key"], "-m", district], check=True)
        edit(district, 'title       = "Vận động', 'title       = "Kêu gọi')
        assert sign(district, "--yes").exit_code == 0
        assert parse(district.read_bytes()).config.revision == 3
        edit(district, "revision       = 3 ", "revision       = 7 ")
        assert sign(district, "--yes").exit_code == 0
        assert parse(district.read_bytes()).config.revision == 7, "raised by hand, signed by nobody"

    @needs_minisign
    def test_a_file_signed_by_the_stock_tool_counts_as_the_last_signed_one(
        self, district: Path
    ) -> None:
        subprocess.run(
            ["minisign", "-S", "-s", OPEN_KEY["key"], "-m", district],
            check=True,
        )
        told = sign(district, "--yes")
        assert told.exit_code == 0, told.output
        assert parse(district.read_bytes()).config.revision == 2
        assert "Bluezone" not in told.output


def test_the_schema_that_ships_is_that_of_the_model() -> None:
    path = Path(__file__).parents[2] / "wardsite" / "parent" / "district.schema.json"
    assert json.loads(path.read_text(encoding="utf-8")) == json_schema(), "run script/schema"
