"""Nothing of its own: imports and exports have their pages, and so have the jobs of the queue."""

from django.contrib import admin
from procrastinate.contrib.django.models import (
    ProcrastinateEvent,
    ProcrastinateJob,
    ProcrastinatePeriodicDefer,
    ProcrastinateWorker,
)

# The queue's own pages break the site's Content-Security-Policy, and their actions walk round what a batch knows.
for model in (ProcrastinateJob, ProcrastinateEvent, ProcrastinateWorker, ProcrastinatePeriodicDefer):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
