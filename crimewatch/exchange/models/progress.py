"""How far the work on a batch or an export has come, and whether somebody wants it to stop."""

from django.db import models


class Progress(models.Model):
    """The state of one piece of work, by the `uid` of its batch or export.

    It is written over a connection of its own, so that it is seen while the work's one transaction still runs, and so
    is read whether the work shall stop.
    """

    uid = models.UUIDField(primary_key=True)
    stage = models.CharField(max_length=30, blank=True)
    table = models.CharField(max_length=60, blank=True)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    #: How many tables there are in all, and how many are done.
    tables = models.IntegerField(default=1)
    tables_done = models.IntegerField(default=0)
    is_cancelled = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.table} {self.stage} {self.done}/{self.total}"

    @property
    def percent(self) -> int | None:
        """How much of the whole is done; nothing while that is not known."""
        if not self.total:
            return None
        return min(100, int(100 * (self.tables_done + self.done / self.total) / max(self.tables, 1)))
