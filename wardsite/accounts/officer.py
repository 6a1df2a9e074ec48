"""Who is at the keyboard: the officer of a request, and what their role lets them do."""

from dataclasses import dataclass
from datetime import datetime

from flask_login import UserMixin

from wardsite.accounts.second_factor import is_required
from wardsite.core.errors import N_, NotAllowedError
from wardsite.core.text import nfc
from wardsite.models import User

ROLES = ("author", "editor", "admin")


@dataclass(frozen=True)
class SignedIn(UserMixin):
    """The officer of this request, as Flask-Login wants it; its id is the session's token.

    `confirmed_at`: when this browser last proved to know the password.
    """

    user: User
    token: str
    confirmed_at: datetime | None = None

    def get_id(self) -> str:
        return self.token

    @property
    def name(self) -> str:
        return self.user.display_name or self.user.name

    @property
    def owes(self) -> str:
        """What must be done before anything else: `password`, `second-factor`, or "" for nothing.

        A one-time password is changed first. Whoever has no second step where the unit demands one
        sets it up with the password alone: nobody is locked out by the demand.
        """
        if self.user.must_change_password:
            return "password"
        return "second-factor" if is_required() and not self.user.second_step else ""

    def may(self, role: str) -> bool:
        """Tell whether the officer has `role` or a higher one."""
        return ROLES.index(self.user.role) >= ROLES.index(role)

    def demand(self, role: str) -> None:
        """Raise NotAllowedError unless the officer has `role` or a higher one."""
        if not self.may(role):
            raise NotAllowedError(N_("Your role does not allow you to do this."))


def account_name(typed: str) -> str:
    """Return the sign-in name as it is stored: NFC, lower case, without spaces around."""
    return nfc(typed).strip().lower()
