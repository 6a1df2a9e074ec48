"""Every table, a file for each room. Times are aware UTC, text is NFC; its room alone writes."""

from wardsite.models.accounts import Attempt, AuditEntry, Passkey, RecoveryCode, User, UserSession
from wardsite.models.columns import UtcDateTime
from wardsite.models.documents import Document, DocumentRelation
from wardsite.models.feedback import Feedback, FeedbackRules
from wardsite.models.mandate import CentralState
from wardsite.models.media import Attachment, Image, ImageUse
from wardsite.models.news import POST_STATES, Category, Post, PostAddress, PostCopy, PostRevision
from wardsite.models.pages import CalendarEntry, OwnLink, OwnPage, Person
from wardsite.models.search import SearchEntry
from wardsite.models.site import ContentVersion, JobLease, SiteProfile, Visits
from wardsite.models.sources import Headline, Source

__all__ = [
    "POST_STATES",
    "Attachment",
    "Attempt",
    "AuditEntry",
    "CalendarEntry",
    "Category",
    "CentralState",
    "ContentVersion",
    "Document",
    "DocumentRelation",
    "Feedback",
    "FeedbackRules",
    "Headline",
    "Image",
    "ImageUse",
    "JobLease",
    "OwnLink",
    "OwnPage",
    "Passkey",
    "Person",
    "Post",
    "PostAddress",
    "PostCopy",
    "PostRevision",
    "RecoveryCode",
    "SearchEntry",
    "SiteProfile",
    "Source",
    "User",
    "UserSession",
    "UtcDateTime",
    "Visits",
]
