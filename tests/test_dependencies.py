"""What the software is made of: pinned with hashes, and told in a bill of materials.

Known holes are looked up by `script/audit` (tests/test_audit.py).
"""

import json
import re
import subprocess
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from wardsite.settings import REPOSITORY

PIN = re.compile(r"^[a-z0-9][a-z0-9._-]*(\[[a-z]+\])?==[\w.]+( ; .+)?$")
HASH = re.compile(r"^    --hash=sha256:[0-9a-f]{64}$")


@pytest.mark.parametrize(
    ("lock", "least"),
    [
        ("requirements.txt", 40),
        ("requirements-dev.txt", 40),
        ("requirements-s3.txt", 1),
        ("requirements-postgresql.txt", 1),
    ],
)
def test_every_pin_has_its_hashes_and_none_comes_from_elsewhere(lock: str, least: int) -> None:
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    packages = [block.split("\n") for block in text.replace(" \\\n", "\n").strip().split("\n\n")]
    lines = [line for block in packages for line in block]
    pins = [line for line in lines if not line.startswith(" ")]
    assert len(pins) >= least
    assert [line for line in lines if not PIN.match(line) and not HASH.match(line)] == []
    for pin, after in zip(pins, (lines[lines.index(pin) + 1] for pin in pins), strict=True):
        assert HASH.match(after), pin


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements-dev.txt"])
def test_what_depends_on_the_python_asks_for_its_minor_version_alone(lock: str) -> None:
    # The pip of Ubuntu 22.04 took its 3.11.0rc1 for no 3.11, and installed neither of two pins.
    text = (REPOSITORY / lock).read_text(encoding="utf-8")
    assert "python_version < '3.12'" in text
    assert "python_full_version" not in text


def test_a_package_that_another_asks_for_with_an_extra_is_pinned_with_it() -> None:
    # pip reads "cachecontrol[filecache]" as a package apart: pinned as "cachecontrol" alone, it
    # would take the newest on the day one comes out, which has no hash here, and install nothing.
    names = re.findall(r"^([^\s\[=]+)\S*==", lock := dev_lock(), re.MULTILINE)
    asked = {
        f"{canonicalize_name(wish.name)}[{extra}]"
        for name in names
        for wish in map(Requirement, requirements_of(name))
        if wish.marker is None or wish.marker.evaluate({"extra": ""})
        for extra in wish.extras
    }
    assert "cachecontrol[filecache]" in asked
    assert [name for name in sorted(asked) if f"\n{name}==" not in lock] == []


def dev_lock() -> str:
    """Return what a developer's machine installs, which is all that is installed here."""
    return (REPOSITORY / "requirements-dev.txt").read_text(encoding="utf-8")


def requirements_of(package: str) -> list[str]:
    """Return what an installed package asks for; none when another system is its place."""
    try:
        return metadata.requires(package) or []
    except metadata.PackageNotFoundError:
        return []


def test_the_bill_of_materials_is_that_of_the_lock_file(tmp_path: Path) -> None:
    check = ["script/sbom", "--check"]
    assert subprocess.run(check, cwd=REPOSITORY, capture_output=True).returncode == 0
    bill = json.loads((REPOSITORY / "sbom.json").read_text(encoding="utf-8"))
    assert bill["bomFormat"] == "CycloneDX"
    named = {(part["name"], part["version"]) for part in bill["components"]}
    locked = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8")
    assert named == set(re.findall(r"^([^\s=]+)==(\S+)", locked, re.MULTILINE))
