"""No page of the admin shows keys of second factors, sessions of others, or addresses that nobody here uses."""

from allauth.account import admin as account
from allauth.mfa import admin as mfa
from allauth.usersessions import admin as usersessions
from django.contrib import admin

admin.site.unregister([account.EmailAddress, mfa.Authenticator, usersessions.UserSession])
