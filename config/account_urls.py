"""The pages of accounts: sign-in, sign-out, password, second factor and one's own sessions.

Named one by one, because allauth would bring pages for registering, for resetting a password by mail and for changing
addresses too: BLS makes accounts, and gives a new password after it has seen who asks.
"""

from allauth.account import views as account
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from django.urls import path

from requests_app.agency_sign_on import views as agency
from requests_app.system_use import accepts_notice
from requests_app.views.sign_in import factors, passwords, sessions

urlpatterns = [
    path("login/", accepts_notice(account.login), name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", passwords.ChangePassword.as_view(), name="account_change_password"),
    path("2fa/", factors.OwnFactors.as_view(), name="mfa_index"),
    path("2fa/authenticate/", factors.SecondStep.as_view(), name="mfa_authenticate"),
    path("2fa/reauthenticate/", factors.Confirm.as_view(), name="mfa_reauthenticate"),
    path("2fa/totp/activate/", totp.activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/replace/", factors.ReplaceApp.as_view(), name="mfa_replace_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/recovery-codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("2fa/recovery-codes/generate/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("2fa/recovery-codes/download/", recovery_codes.download_recovery_codes, name="mfa_download_recovery_codes"),
    path("2fa/passkeys/add/", factors.AddPasskey.as_view(), name="mfa_add_webauthn"),
    path("2fa/passkeys/login/", accepts_notice(factors.SignInByPasskey.as_view()), name="mfa_login_webauthn"),
    path("2fa/passkeys/reauthenticate/", factors.ConfirmByPasskey.as_view(), name="mfa_reauthenticate_webauthn"),
    path("2fa/passkeys/<slug:passkey>/rename/", factors.RenamePasskey.as_view(), name="mfa_edit_webauthn"),
    path("2fa/passkeys/<slug:passkey>/remove/", factors.RemovePasskey.as_view(), name="mfa_remove_webauthn"),
    path("agency/<slug:provider_id>/", accepts_notice(agency.login), name="openid_connect_login"),
    path("agency/<slug:provider_id>/callback/", agency.callback, name="openid_connect_callback"),
    path("sessions/", sessions.OwnSessions.as_view(), name="usersessions_list"),
    path("session/", sessions.state, name="session_state"),
    path("session/stay/", sessions.stay, name="session_stay"),
    path("session/locked/", sessions.locked, name="session_locked"),
    path("session/typed/", sessions.resend, name="session_resend"),
]
