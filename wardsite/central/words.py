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
    "android_url": N_("Address for Android"),
    "audience": N_("Audience"),
    "basis": N_("Basis"),
    "body": N_("Wording"),
    "code": N_("Number and symbol"),
    "description": N_("Description"),
    "dismissible": N_("Can be dismissed"),
    "display": N_("Number as shown"),
    "drill": N_("Drill"),
    "effective_from": N_("In effect from"),
    "effective_on": N_("In effect from"),
    "effective_to": N_("In effect until"),
    "email": N_("E-mail"),
    "expires_at": N_("Signed until"),
    "expires_on": N_("Expires on"),
    "feed_url": N_("Address of the feed"),
    "file_sha256": N_("Fingerprint of the file"),
    "file_url": N_("Address of the file"),
    "group": N_("Group"),
    "hours": N_("Hours"),
    "image_sha256": N_("Fingerprint of the picture"),
    "image_url": N_("Address of the picture"),
    "ios_url": N_("Address for iOS"),
    "issued_at": N_("Issued"),
    "issued_on": N_("Date of issue"),
    "issuer": N_("Issuer"),
    "kind": N_("Type"),
    "label": N_("Name"),
    "link_label": N_("Text of the link"),
    "link_url": N_("Address of the link"),
    "mandatory": N_("Mandatory"),
    "message": N_("Message"),
    "name": N_("Name"),
    "number": N_("Number"),
    "order": N_("Order of display"),
    "phone": N_("Telephone"),
    "placement": N_("Where on the page"),
    "position": N_("Where on the page"),
    "public_key": N_("Public key"),
    "publish": N_("Made public"),
    "purpose": N_("Purpose"),
    "revision": N_("Revision"),
    "scope": N_("Pages it is on"),
    "search_hint": N_("How to find it"),
    "severity": N_("Severity"),
    "short_name": N_("Short name"),
    "signer_name": N_("Signed by"),
    "signer_title": N_("Post of the signer"),
    "site_url": N_("Address"),
    "summary": N_("Subject of the document"),
    "symbol": N_("Symbol"),
    "title": N_("Title"),
    "topic": N_("Section"),
    "topics": N_("Sections"),
    "url": N_("Address"),
    "valid_from": N_("Shown from"),
    "valid_to": N_("Shown until"),
    "web_url": N_("Address on the web"),
    "website": N_("Website"),
}


def section_name(section: str) -> str:
    """Return what a section of the file is called; an unknown one as it is."""
    return str(gettext(SECTIONS[section])) if section in SECTIONS else section


def field_name(field: str) -> str:
    """Return what a field is called; a technical one as the file spells it."""
    return str(gettext(FIELDS[field])) if field in FIELDS else field
