"""What applies to whom, when, and what follows what."""

import base64
import tomllib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wardsite.core import central_config, central_rules, config_diff, mandate, signing, succession
from wardsite.core.central_schema import CentralConfig
from wardsite.core.mandate import Unit, in_effect, next_change
from wardsite.core.succession import KnownState, Outcome, check_succession

ROOT = Path(__file__).parents[2]
EXAMPLE_BYTES = (ROOT / "examples" / "thanh-xuan" / "district.toml").read_bytes()
EXAMPLE = central_config.parse(EXAMPLE_BYTES)
WARD = Unit("ha-dinh", "ward")
SCHOOL = Unit("truong-thcs-mau", "school")
TICK = timedelta(microseconds=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


SEPTEMBER = at("2020-09-01T00:00:00+07:00")


def edited(*edits: tuple[str, str], base: bytes = EXAMPLE_BYTES) -> CentralConfig:
    text = base.decode()
    for old, new in edits:
        assert old in text
        text = text.replace(old, new)
    return central_config.parse(text.encode())


# --- What applies when


def test_ward_sees_the_whole_dispatch_while_it_is_in_effect():
    answer = in_effect(EXAMPLE, WARD, SEPTEMBER)
    assert answer.item_keys() == (
        "banners/bluezone",
        "apps/hanoi-smartcity",
        "notices/cai-bluezone",
        "hotlines/byt-19009095",
        "hotlines/cdc-hn-1",
        "hotlines/cdc-hn-2",
        "links/bluezone",
        "topics/covid-19",
        "documents/1208-ubnd-vhtt",
        "documents/1979-stttt-ttdt",
        "sources/moh",
        "sources/suckhoedoisong",
        "sources/soyte-hanoi",
    )
    assert answer.parent == EXAMPLE.parent
    assert answer.authorities[0].label == "Chính phủ"
    assert not answer.expired


@pytest.mark.parametrize(
    ("now", "shown"),
    [
        ("2020-08-11T23:59:59.999999+07:00", False),
        ("2020-08-12T00:00:00+07:00", True),
        ("2020-12-31T23:59:58.999999+07:00", True),
        ("2020-12-31T23:59:59+07:00", False),
        ("2020-12-31T16:59:59+00:00", False),
    ],
)
def test_notice_appears_and_goes_on_its_second(now, shown):
    assert bool(in_effect(EXAMPLE, WARD, at(now)).notices) is shown


def test_banner_goes_the_moment_its_time_is_over():
    ends = ('alt        = "Cài', 'valid_to = 2021-09-30T00:00:00+07:00\nalt        = "Cài')
    config = edited(ends)
    end = at("2021-09-30T00:00:00+07:00")
    assert in_effect(config, WARD, end - TICK).banners
    assert not in_effect(config, WARD, end).banners
    assert next_change(config, WARD, at("2021-01-01T00:00:00+07:00")) == end


def test_past_expires_at_all_stays_on_show_and_the_alarm_is_raised():
    end = EXAMPLE.config.expires_at
    before, after = in_effect(EXAMPLE, WARD, end - TICK), in_effect(EXAMPLE, WARD, end)
    assert (before.expired, after.expired) == (False, True)
    assert replace(after, expired=False) == before
    assert next_change(EXAMPLE, WARD, end - TICK) == end
    assert next_change(EXAMPLE, WARD, end) is None


def test_outside_its_effect_a_config_orders_nothing_and_still_says_whose_it_is():
    config = edited(
        ("# effective_to = 2020-12-31T23:59:59", "effective_to = 2021-01-01T00:00:00"),
    )
    for now in (at("2020-08-11T23:59:59+07:00"), at("2021-01-01T00:00:00+07:00")):
        answer = in_effect(config, WARD, now)
        assert answer.item_keys() == ()
        assert answer.parent == EXAMPLE.parent
        assert len(answer.units) == 12
    assert in_effect(config, WARD, at("2020-12-31T23:59:59.9+07:00")).banners


@pytest.mark.parametrize(
    ("audience", "who"),
    [
        ("[]", {"ward", "other", "school", "office"}),
        ('["all"]', {"ward", "other", "school", "office"}),
        ('["ward"]', {"ward", "other"}),
        ('["school", "office"]', {"school", "office"}),
        ('["unit:ha-dinh"]', {"ward"}),
        ('["unit:ha-dinh", "school"]', {"ward", "school"}),
    ],
)
def test_item_is_for_its_audience_only(audience, who):
    banner = 'audience   = ["all"]\nbasis      = "1208-ubnd-vhtt"\n# image_url'
    config = edited((banner, banner.replace('["all"]', audience)))
    units = {
        "ward": WARD,
        "other": Unit("kim-giang", "ward"),
        "school": SCHOOL,
        "office": Unit("phong-vhtt", "office"),
    }
    seen = {name for name, unit in units.items() if in_effect(config, unit, SEPTEMBER).banners}
    assert seen == who


def test_document_that_is_not_published_is_not_shown_and_is_still_a_basis():
    config = edited(("publish      = true\n# file_url", "publish      = false\n# file_url"))
    answer = in_effect(config, WARD, SEPTEMBER)
    assert [row.id for row in answer.documents] == ["1979-stttt-ttdt"]
    basis = mandate.basis_of(config, config.banners[0])
    assert [row.code for row in basis] == ["1208/UBND-VHTT"]
    assert mandate.basis_of(config, config.links[0]) == basis, "the basis of the whole config"


def test_sections_come_in_their_order():
    config = edited(("order      = 1\ntopic", "order      = 9\ntopic"), ("order = 6", "order = 0"))
    answer = in_effect(config, WARD, SEPTEMBER)
    assert [row.id for row in answer.hotlines] == ["cdc-hn-1", "cdc-hn-2", "byt-19009095"]
    assert answer.authorities[0].id == "district"
    assert [row.id for row in answer.documents] == ["1208-ubnd-vhtt", "1979-stttt-ttdt"]


def test_drill_is_counted_and_never_shown():
    config = edited(("dismissible = false", "dismissible = false\ndrill = true"))
    answer = in_effect(config, WARD, SEPTEMBER)
    assert answer.notices == ()
    assert [row.id for row in answer.drills] == ["cai-bluezone"]
    assert "drills/cai-bluezone" in answer.item_keys()


def test_revision_ahead_of_its_day_leaves_the_one_before_in_force():
    later = edited(
        ("revision       = 1 ", "revision       = 2 "),
        ("effective_from = 2020-08-12", "effective_from = 2020-10-01"),
    )
    day = later.config.effective_from
    assert mandate.config_in_force(later, EXAMPLE, day - TICK) is EXAMPLE
    assert mandate.config_in_force(later, EXAMPLE, day) is later
    assert mandate.config_in_force(later, None, day - TICK) is later


def test_without_a_config_what_the_dispatch_itself_names_shows():
    answer = mandate.builtin()
    assert set(answer.item_keys()) == {
        "banners/bluezone",
        "topics/covid-19",
        "sources/moh",
        "sources/suckhoedoisong",
        "sources/soyte-hanoi",
    }
    of_the_example = {source.id: (source.name, source.site_url) for source in EXAMPLE.sources}
    assert {
        source.id: (source.name, source.site_url) for source in answer.sources
    } == of_the_example
    assert answer.topics[0].label == EXAMPLE.topics[0].label
    ours, theirs = answer.banners[0], EXAMPLE.banners[0]
    assert (ours.link_url, ours.alt, ours.title) == (theirs.link_url, theirs.alt, theirs.title)
    assert ours.valid_from == theirs.valid_from
    assert answer.parent is None


MOMENTS = [at("2020-08-01T00:00:00+00:00") + timedelta(days=day) for day in range(10)]
moments = st.sampled_from(MOMENTS)
audiences = st.lists(
    st.sampled_from(["all", "ward", "school", "office", "unit:ha-dinh", "unit:x"]), max_size=2
)


@st.composite
def periods(draw: Any, *, start_required: bool) -> dict[str, datetime]:
    start, end = sorted([draw(moments), draw(moments)])
    period = {"valid_from": start, "valid_to": end if start < end else end + timedelta(hours=1)}
    if draw(st.booleans()):
        del period["valid_to"]
    if not start_required and draw(st.booleans()):
        del period["valid_from"]
    return period


@st.composite
def configs(draw: Any) -> CentralConfig:
    table = tomllib.loads(EXAMPLE_BYTES.decode())
    meta = table["config"]
    meta["effective_from"], end = sorted([draw(moments), draw(moments)])
    if draw(st.booleans()):
        meta["effective_to"] = end + timedelta(minutes=1)
    meta["expires_at"] = max(draw(moments), meta["effective_from"]) + timedelta(minutes=2)
    meta["issued_at"] = MOMENTS[0] - timedelta(days=1)
    for section in ("banners", "notices", "apps", "links", "hotlines", "topics", "sources"):
        for row in table[section]:
            for name in ("valid_from", "valid_to"):
                row.pop(name, None)
            row |= draw(periods(start_required=section in {"banners", "notices"}))
            row["audience"] = draw(audiences)
    for row in table["documents"]:
        row["audience"] = draw(audiences)
        row["publish"] = draw(st.booleans())
    table["notices"][0]["drill"] = draw(st.booleans())
    return central_rules.read(table)


@settings(max_examples=150)
@given(configs(), st.sampled_from([WARD, SCHOOL, Unit("x", "office")]), moments)
def test_nothing_changes_before_the_next_change_and_something_does_then(config, unit, now):
    probes = sorted({moment + step for moment in MOMENTS for step in (-TICK, TICK * 0, TICK)})
    for _ in range(200):
        answer, then = in_effect(config, unit, now), next_change(config, unit, now)
        until = then or MOMENTS[-1] + timedelta(days=9)
        for probe in [probe for probe in probes if now < probe < until] + [until - TICK]:
            assert in_effect(config, unit, probe) == answer
        if then is None:
            assert in_effect(config, unit, at("2199-01-01T00:00:00+00:00")) == answer
            return
        assert then > now
        assert in_effect(config, unit, then) != answer
        now = then
    pytest.fail("the changes never end")


# --- What follows what

NOW = at("2026-11-24T00:00:00+00:00")
KNOWN = KnownState("thanh-xuan", 5, "aa")


def revision(number: int, **meta: object) -> CentralConfig:
    fields = replace(EXAMPLE.config, revision=number, **meta)
    return replace(EXAMPLE, config=fields)


def test_first_config_pins_nothing_yet_and_may_have_any_revision():
    for number in (1, 2_000_000_000):
        assert check_succession(revision(number), "aa", known=None, now=NOW) is Outcome.APPLY


@pytest.mark.parametrize("number", [6, 7, 1004, 1005])
def test_higher_revision_is_applied(number):
    assert check_succession(revision(number), "bb", known=KNOWN, now=NOW) is Outcome.APPLY


@pytest.mark.parametrize("number", [1006, 2_147_483_647])
def test_revision_that_leaps_is_refused(number):
    with pytest.raises(succession.RevisionJumpError, match=str(number)):
        check_succession(revision(number), "bb", known=KNOWN, now=NOW)


@pytest.mark.parametrize("number", [1, 4])
def test_lower_revision_is_refused(number):
    with pytest.raises(succession.RevisionRollbackError):
        check_succession(revision(number), "aa", known=KNOWN, now=NOW)


def test_same_revision_with_the_same_bytes_changes_nothing_even_when_expired():
    expired = {"expires_at": NOW - TICK}
    same = check_succession(revision(5, **expired), "aa", known=KNOWN, now=NOW)
    assert same is Outcome.UNCHANGED


def test_same_revision_is_taken_again_when_a_restore_lost_its_bytes():
    lost = replace(KNOWN, holds_highest=False)
    assert check_succession(revision(5), "aa", known=lost, now=NOW) is Outcome.APPLY
    with pytest.raises(succession.RevisionRollbackError):
        check_succession(revision(4), "zz", known=lost, now=NOW)


def test_same_revision_with_other_bytes_is_an_alarm():
    with pytest.raises(succession.SameRevisionOtherBytesError):
        check_succession(revision(5), "bb", known=KNOWN, now=NOW)


def test_config_of_another_parent_is_refused_whatever_its_revision():
    for number in (1, 5, 6, 9999):
        with pytest.raises(succession.WrongConfigError, match="dong-da"):
            check_succession(revision(number, id="dong-da"), "aa", known=KNOWN, now=NOW)


@pytest.mark.parametrize("known", [None, KNOWN])
def test_expired_file_is_not_newly_taken(known):
    with pytest.raises(succession.ConfigExpiredError):
        check_succession(revision(6, expires_at=NOW), "bb", known=known, now=NOW)
    fresh = revision(6, expires_at=NOW + TICK)
    assert check_succession(fresh, "bb", known=known, now=NOW) is Outcome.APPLY


# --- Keys


def key(number: int) -> signing.PublicKey:
    raw = b"Ed" + number.to_bytes(8, "little") + bytes([number]) * 32
    return signing.parse_public_key(base64.b64encode(raw).decode())


def with_keys(*keys: tuple[int, datetime | None], revoked: tuple[str, ...] = ()) -> CentralConfig:
    table = tomllib.loads(EXAMPLE_BYTES.decode())
    table["revoked_keys"] = revoked
    table["keys"] = [
        {"id": str(number), "public_key": key(number).text}
        | ({"valid_from": start} if start else {})
        for number, start in keys
    ]
    return central_rules.read(table)


def test_introduced_key_is_trusted_from_its_day_and_stays():
    ring = succession.KeyRing((key(1),)).after(with_keys((2, NOW)))
    assert ring.trusted(NOW - TICK) == (key(1),)
    assert ring.trusted(NOW) == (key(1), key(2))
    assert ring.after(EXAMPLE).trusted(NOW) == (key(1), key(2))


def test_later_file_may_bring_the_day_of_a_key_forward():
    ring = succession.KeyRing((key(1),)).after(with_keys((2, NOW + timedelta(days=99))))
    assert ring.after(with_keys((2, None))).trusted(NOW) == (key(1), key(2))


@pytest.mark.parametrize("spelling", ["text", "key_id"])
def test_revoked_key_never_signs_again_wherever_it_came_from(spelling):
    revoked = (getattr(key(1), spelling), getattr(key(2), spelling))
    ring = succession.KeyRing((key(1), key(3))).after(with_keys((2, None)))
    ring = ring.after(with_keys(revoked=revoked)).after(with_keys((2, None), (1, None)))
    assert ring.trusted(NOW) == (key(3),)
    assert set(ring.ever_trusted()) == {key(1), key(2), key(3)}, "for the check at start"


def test_key_is_revoked_by_its_number_as_the_tool_prints_it():
    printed = key(1).key_id.lstrip("0").lower().zfill(15)
    assert with_keys(revoked=(printed,)).revoked_keys == (key(1).key_id,)


# --- What a revision changes


def test_first_config_is_all_additions():
    found = config_diff.changes(None, EXAMPLE)
    assert {change.kind for change in found} == {"added"}
    assert ("banners", "bluezone", "Cài đặt ứng dụng Bluezone") in {
        (change.section, change.id, change.title) for change in found
    }


def test_same_config_is_no_change_and_moved_rows_are_none():
    assert config_diff.changes(EXAMPLE, EXAMPLE) == ()
    moved = replace(EXAMPLE, hotlines=EXAMPLE.hotlines[::-1])
    assert config_diff.changes(EXAMPLE, moved) == ()


def test_change_names_item_field_and_both_values():
    new = edited(
        ("revision       = 1 ", "revision       = 2 "),
        ("1900 9095", "1900 9096"),
        ('id        = "soyte-hanoi"', 'id        = "so-y-te"'),
    )
    found = config_diff.changes(EXAMPLE, new)
    field = config_diff.FieldChange
    assert [(c.section, c.id, c.kind) for c in found] == [
        ("config", "", "changed"),
        ("sources", "so-y-te", "added"),
        ("sources", "soyte-hanoi", "removed"),
        ("hotlines", "byt-19009095", "changed"),
    ]
    assert found[0].fields == (field("revision", 1, 2),)
    assert found[3].fields == (field("display", "1900 9095", "1900 9096"),)
    assert found[2].title == "Cổng thông tin điện tử Sở Y tế Hà Nội"
    assert field("name", found[2].title, None) in found[2].fields


def test_revocation_is_a_change():
    old, new = with_keys(revoked=(key(1).text,)), with_keys(revoked=(key(2).text,))
    assert [(c.section, c.id, c.kind) for c in config_diff.changes(old, new)] == [
        ("revoked_keys", key(2).text, "added"),
        ("revoked_keys", key(1).text, "removed"),
    ]
