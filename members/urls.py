"""The pages of django-allauth that a site without passwords needs, by name."""

from allauth.account import views as account
from django.urls import include, path

from members import codes, views

confirm_login_code = codes.taken_in_measure(codes.waiting_to_sign_in)(account.confirm_login_code)
confirm_address = codes.taken_in_measure(codes.waiting_for_address)(account.email_verification_sent)

urlpatterns = [
    path("login/", account.login, name="account_login"),
    path("login/code/", views.request_login_code, name="account_request_login_code"),
    path("login/code/confirm/", confirm_login_code, name="account_confirm_login_code"),
    path("signup/", account.signup, name="account_signup"),
    path("confirm-email/", confirm_address, name="account_email_verification_sent"),
    path("logout/", views.sign_out, name="account_logout"),
    path("signed-out/", views.signed_out, name="signed_out"),
    path("signed-out/everywhere/", views.signed_out, {"everywhere": True}, name="signed_out_everywhere"),
    path("inactive/", account.account_inactive, name="account_inactive"),
    path("email/", views.email, name="account_email"),
    path("email/code/", views.email_code, name="account_email_code"),
    path("email/cancel/", views.email_cancel, name="account_email_cancel"),
    # the second factor of staff
    path("2fa/", include("allauth.mfa.urls")),
]
