"""What the sections and fields of the district file are called in front of people."""

from __future__ import annotations

from flask_babel import gettext

from wardsite.core.errors import N_

SECTIONS = {
    "config": N_("The district file"),
    "parent": N_("Parent unit"),
    "keys": N_("Signing key"),
    "revoked_keys": N_("Revoked signing key"),
    "documents": N_("Document"),
    "topics": N_("Section"),
    "authorities": N_("Level of direction"),
    "banners": N_("Banner"),
    "apps": N_("Application"),
    "sources": N_("Official source"),
    "notices": N_("Notice"),
    "hotlines": N_("Hotline"),
    "links": N_("Link"),
    "units": N_("Unit"),
}
FIELDS = {
    "actions": N_("Actions"),
    "address": N_("Address"),
    "alt": N_("Alternative text"),
    "android_url": N_("Link for Android"),
    "audience": N_("Audience"),
    "basis": N_("Legal basis"),
    "body": N_("Text content"),
    "code": N_("Number and symbol"),
    "description": N_("Description"),
    "dismissible": N_("Can be dismissed"),
    "display": N_("Displayed number"),
    "drill": N_("Drill"),
    "effective_from": N_("Effective from"),
    "effective_on": N_("Effective from"),
    "effective_to": N_("Effective until"),
    "email": N_("Email"),
    "expires_at": N_("Signature valid until"),
    "expires_on": N_("Expiry date"),
    "feed_url": N_("Feed address"),
    "file_sha256": N_("File hash"),
    "file_url": N_("File address"),
    "group": N_("Group"),
    "hours": N_("Hours"),
    "image_sha256": N_("Picture hash"),
    "image_url": N_("Picture address"),
    "ios_url": N_("Link for iOS"),
    "issued_at": N_("Issued"),
    "issued_on": N_("Date of issue"),
    "issuer": N_("Issuer"),
    "kind": N_("Type"),
    "label": N_("Name"),
    "link_label": N_("Link text"),
    "link_url": N_("Link address"),
    "mandatory": N_("Mandatory"),
    "message": N_("Message"),
    "name": N_("Name"),
    "number": N_("Number"),
    "order": N_("Display order"),
    "phone": N_("Telephone"),
    "placement": N_("Where on the page"),
    "position": N_("Where on the page"),
    "public_key": N_("Public key"),
    "publish": N_("Published to residents"),
    "purpose": N_("Purpose"),
    "revision": N_("Revision"),
    "scope": N_("Shown on pages"),
    "search_hint": N_("Search tips"),
    "severity": N_("Severity"),
    "short_name": N_("Short name"),
    "signer_name": N_("Signed by"),
    "signer_title": N_("Position of the signer"),
    "site_url": N_("Address"),
    "summary": N_("Document subject"),
    "symbol": N_("Symbol"),
    "title": N_("Title"),
    "topic": N_("Section"),
    "topics": N_("Sections"),
    "url": N_("Address"),
    "valid_from": N_("Shown from"),
    "valid_to": N_("Shown until"),
    "web_url": N_("Web address"),
    "website": N_("Website"),
}

VALUES = {
    "severity": {
        "info": N_("Notice"),
        "important": N_("Important notice"),
        "urgent": N_("Urgent notice"),
    },
    "position": {
        "all-pages-top": N_("the top of every page"),
        "home-top": N_("the top of the home page"),
        "sidebar-top": N_("the top of the sidebar"),
        "sidebar": N_("the sidebar"),
        "footer": N_("the footer"),
    },
    "scope": {"all-pages": N_("every page"), "home": N_("the home page")},
    "placement": {"all-pages": N_("every page"), "home": N_("the home page")},
    "publish": {"review": N_("after an officer’s review"), "auto": N_("automatically")},
}
"""What the codes that a field may hold mean."""

AUDIENCES = {
    "all": N_("all units"),
    "ward": N_("wards and communes"),
    "school": N_("schools"),
    "office": N_("offices"),
}


def section_name(section: str) -> str:
    """Return what a section of the file is called; an unknown one as it is."""
    return str(gettext(SECTIONS[section])) if section in SECTIONS else section


def field_name(field: str) -> str:
    """Return what a field is called; a technical one as the file spells it."""
    return str(gettext(FIELDS[field])) if field in FIELDS else field


def audience_name(entry: str) -> str:
    """Return whom an entry of an audience means; a single unit by its id."""
    return str(gettext(AUDIENCES[entry])) if entry in AUDIENCES else entry.removeprefix("unit:")


def value_name(field: str, code: str) -> str:
    """Return what a code in a field of `VALUES` means; an unknown one as it is."""
    return str(gettext(VALUES[field][code])) if code in VALUES[field] else code
