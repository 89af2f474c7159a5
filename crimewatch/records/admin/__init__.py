"""What every admin page shares: search, selects with context, the database's rules, publication and safe deletion."""

from .records import RecordAdmin
from .rules import RecordSelectsMixin, RememberingForm, RulesAdmin, check_deferred_rules

__all__ = ["RecordAdmin", "RecordSelectsMixin", "RememberingForm", "RulesAdmin", "check_deferred_rules"]
