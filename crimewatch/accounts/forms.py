"""The forms of logging in: allauth's, with our words, and with the time to wait after too many wrong tries."""

from typing import Any

from allauth.account import forms as account
from allauth.account.adapter import get_adapter
from allauth.account.fields import EmailField, PasswordField, SetPasswordField
from allauth.core import context
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from crimewatch.accounts.limits import too_many_tries


class WithoutPlaceholders:
    """For a form whose labels say what goes where; a placeholder would say it once more, too pale to be read."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)


class LoginForm(WithoutPlaceholders, account.LoginForm):
    """Name and password. Who opens the page can type the name at once."""

    password = PasswordField(label=_("Password"), autocomplete="current-password")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autofocus"] = True


class PasswordAgainForm(WithoutPlaceholders, account.ReauthenticateForm):
    """The password once more, before something that only its owner may do."""

    password = PasswordField(label=_("Password"), autocomplete="current-password")


class ChangePasswordForm(WithoutPlaceholders, account.ChangePasswordForm):
    """The present password and a new one."""

    oldpassword = PasswordField(label=_("Present password"), autocomplete="current-password")
    password1 = SetPasswordField(label=_("New password"))
    password2 = PasswordField(label=_("New password, once more"), autocomplete="new-password")


class AskForPasswordForm(WithoutPlaceholders, account.ResetPasswordForm):
    """The address that a link for a new password is to go to."""

    email = EmailField(label=_("E-mail address"))
    users: list[Any]

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Send a mail to the address in any case: no page, and no time it takes, tells whether a login has it."""
        address: str = self.cleaned_data["email"]
        if self.users:
            return str(super().save(request, **kwargs))
        get_adapter().send_mail("account/email/unknown_account", address, {})
        return address


class NewPasswordForm(WithoutPlaceholders, account.ResetPasswordKeyForm):
    """A new password, for who has come by a link that was mailed."""

    password1 = SetPasswordField(label=_("New password"))
    password2 = PasswordField(label=_("New password, once more"), autocomplete="new-password")


class TimeToWait:
    """For a form with a code: says when to try again after too many wrong ones, and forgives spaces."""

    user: Any
    cleaned_data: dict[str, Any]

    def clean_code(self) -> str:
        self.cleaned_data["code"] = "".join(self.cleaned_data["code"].split())
        try:
            return str(super().clean_code())  # type: ignore[misc]
        except ValidationError as error:
            if error.code not in {"too_many_login_attempts", "rate_limited"}:
                raise
            # The key that allauth counts codes by.
            raise too_many_tries(context.request, f"mfa-auth-user-{self.user.pk}") from error


def code_field(label: Any, help_text: Any = "") -> forms.CharField:
    """A field for a code; phones offer digits to type it with, and browsers do not remember it."""
    widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True})
    return forms.CharField(label=label, help_text=help_text, widget=widget, max_length=50)


class CodeForm(TimeToWait, mfa.AuthenticateForm):
    """The second step of logging in."""

    code = code_field(_("Code"), _("The six digits that your app shows now, or one of your recovery codes."))


class CodeAgainForm(TimeToWait, mfa.ReauthenticateForm):
    """A code once more, before something that only its owner may do."""

    code = code_field(_("Code"), _("The six digits that your app shows now, or one of your recovery codes."))


class FirstCodeForm(TimeToWait, totp.ActivateTOTPForm):
    """The first code of an app, which proves that it has the key."""

    code = code_field(_("Code"), _("The six digits that the app shows now."))
