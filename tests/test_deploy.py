"""What puts wardsite on a server: sound shell, a tight sandbox, a dry run that does no harm.

`deploy/test-install` runs all of it for real in a fresh Debian; that takes minutes.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from wardsite.settings import REPOSITORY

DEPLOY = REPOSITORY / "deploy"
SCRIPTS = [
    DEPLOY / name
    for name in ("install.sh", "wardsite", "nginx-site", "offsite.example", "test-install")
]
OPTIONS = (
    *("--id", "ha-dinh", "--name", "Phường Hạ Đình", "--host", "hadinh.example.gov.vn"),
    *("--email", "it@example.gov.vn"),
)


def run(*command: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(word) for word in command],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def dry_run(folder: Path, system: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run install.sh --dry-run as if on another system; ID and NAME are what os-release has too."""
    name, version = system.split("-")
    release = folder / "os-release"
    release.write_text(f'NAME="Some System"\nID={name}\nVERSION_ID="{version}"\n')
    return run(DEPLOY / "install.sh", "--dry-run", *options, OS_RELEASE=str(release))


def test_the_scripts_are_sound() -> None:
    for script in SCRIPTS:
        assert run("sh", "-n", script).stderr == ""
        assert os.access(script, os.X_OK)
    done = run("shellcheck", *SCRIPTS)
    assert done.stdout == ""


def test_a_dry_run_tells_every_step_and_does_none(tmp_path: Path) -> None:
    for system, python in (
        ("debian-12", "python3 python3-venv"),
        ("debian-13", "python3 python3-venv"),
        ("ubuntu-22.04", "python3.11 python3.11-venv"),
        ("ubuntu-24.04", "python3 python3-venv"),
    ):
        done = dry_run(tmp_path, system, *OPTIONS)
        assert done.returncode == 0, done.stderr
        for word in python.split():
            assert word in done.stdout or shutil.which(word.removesuffix("-venv"))
    told = done.stdout
    for step in (
        "useradd --system --user-group --home-dir /var/lib/wardsite/ha-dinh",
        "wardsite init --id ha-dinh --kind ward --name Phường Hạ Đình",
        'socket = "/run/wardsite/ha-dinh/http.sock"',
        'base_url = "https://hadinh.example.gov.vn"',
        "systemctl enable --quiet wardsite@ha-dinh.service wardsite@ha-dinh.timer",
        "certbot certonly --non-interactive --agree-tos -m it@example.gov.vn",
        "nginx -t",
        "ufw allow 443/tcp",
    ):
        assert step in told
    assert len(re.findall(r"^== ", told, re.MULTILINE)) == 9
    assert not Path("/opt/wardsite/ha-dinh").exists()


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        (("--id", "Hạ Đình"), "--id"),
        (("--id", "a" * 23), "22"),
        (("--id", "ha-dinh"), "--name"),
        (("--id", "ha-dinh", "--name", "x", "--host", "khong hop le"), "--host"),
        (("--id", "ha-dinh", "--name", "x", "--host", "a.vn"), "--email"),
        (("--id", "ha-dinh", "--nham"), "--nham"),
    ],
)
def test_options_that_cannot_be_are_refused(
    tmp_path: Path, options: tuple[str, ...], reason: str
) -> None:
    done = dry_run(tmp_path, "debian-12", *options)
    assert done.returncode == 1
    assert reason in done.stderr.splitlines()[-1]


def test_a_system_it_was_not_tried_on_is_refused(tmp_path: Path) -> None:
    done = dry_run(tmp_path, "debian-10", *OPTIONS)
    assert (done.returncode, "debian-10" in done.stderr) == (1, True)


def test_uninstalling_keeps_the_data_unless_told_otherwise(tmp_path: Path) -> None:
    told = dry_run(tmp_path, "debian-12", "--uninstall", "--id", "ha-dinh").stdout
    assert "disable --now wardsite@ha-dinh.timer wardsite@ha-dinh.service" in told
    assert "rm -rf /var/lib/wardsite/ha-dinh" not in told
    gone = dry_run(tmp_path, "debian-12", "--uninstall", "--purge", "--id", "ha-dinh").stdout
    assert "rm -rf /var/lib/wardsite/ha-dinh" in gone


def test_nginx_s_file_is_renewed_and_what_an_admin_changed_is_kept(tmp_path: Path) -> None:
    template, places = tmp_path / "mau", {"NGINX_CONF": "conf.d", "NGINX_SHIPPED": "shipped"}
    there = {name: str(tmp_path / folder) for name, folder in places.items()}
    site = tmp_path / "conf.d" / "wardsite-ha-dinh.conf"
    site.parent.mkdir()

    def put(words: str, verdict: str = "true", before: Path | None = None) -> str:
        template.write_text((DEPLOY / "nginx" / "wardsite.conf").read_text() + words)
        unit = ("ha-dinh", "hadinh.gov.vn", "/etc/letsencrypt/live/hadinh.gov.vn", template)
        done = run(DEPLOY / "nginx-site", *unit, before or "", NGINX_TEST=verdict, **there)
        assert (done.returncode == 0) == (verdict == "true"), done.stderr
        return done.stdout + done.stderr

    put("# 1")
    first = site.read_text()
    assert "server_name hadinh.gov.vn;" in first
    assert "upstream wardsite_ha_dinh " in first
    assert "example" not in first
    assert "đã là bản mới nhất" in put("# 1")
    put("# 2")
    assert site.read_text().endswith("# 2")
    assert site.with_name(f"{site.name}.cu").read_text() == first
    assert "được giữ như cũ" in put("# 3", verdict="false")  # nginx -t says no
    assert site.read_text().endswith("# 2")
    # One that was installed before what is shipped was remembered.
    (tmp_path / "shipped" / site.name).unlink()
    old = tmp_path / "mau-cu"
    old.write_text((DEPLOY / "nginx" / "wardsite.conf").read_text() + "# 2")
    put("# 4", before=old)
    assert site.read_text().endswith("# 4")
    site.write_text(site.read_text().replace("21m", "55m"))
    assert "diff -u" in put("# 5")
    assert "55m" in site.read_text()
    assert site.with_name(f"{site.name}.moi").read_text().endswith("# 5")


def test_systemd_takes_the_units_and_finds_the_sandbox_tight(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        # The program is not here; everything else of the unit is judged as it stands.
        text = re.sub(r"(ExecStart=)\S+", r"\1/bin/true", unit.read_text())
        (tmp_path / unit.name.replace("@", "@ha-dinh")).write_text(text)
    done = run("systemd-analyze", "verify", "--man=no", *sorted(tmp_path.iterdir()))
    ours = [line for line in done.stderr.splitlines() if "wardsite" in line]
    assert ours == []
    for unit, limit in (("wardsite@", "5"), ("wardsite-tick@", "12")):
        security = ("security", "--offline=true", "--no-pager", f"--threshold={limit}")
        judged = run("systemd-analyze", *security, DEPLOY / "systemd" / f"{unit}.service")
        assert judged.returncode == 0, judged.stdout


def test_the_nginx_site_of_a_unit_shares_no_name_with_another(tmp_path: Path) -> None:
    template = DEPLOY / "nginx" / "wardsite.conf"
    there = {"NGINX_CONF": str(tmp_path), "NGINX_SHIPPED": str(tmp_path / "shipped")}
    unit = ("ha-dinh", "a.vn", "/etc/tls/a.vn", template)
    done = run(DEPLOY / "nginx-site", *unit, NGINX_TEST="true", **there)
    assert done.returncode == 0, done.stderr
    made = (tmp_path / "wardsite-ha-dinh.conf").read_text()
    code = re.sub(r"#.*", "", made)
    names = set(
        re.findall(r"\$wardsite_\w+|(?:upstream|keys_zone=|proxy_cache) ?wardsite\w*", code)
    )
    assert len(names) > 5
    assert {name for name in names if "wardsite_ha_dinh" not in name} == set()
    assert "hadinh.example.gov.vn" not in code
    assert "/run/wardsite/ha-dinh/http.sock" in code
    assert "ssl_certificate     /etc/tls/a.vn/fullchain.pem" in code
    assert len(made.splitlines()) == len(template.read_text().splitlines())
