"""Whoever reads what is published, told by the groups that they are in: two with the same groups see the same."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from crimewatch.records.querysets import Viewer


@dataclass(frozen=True)
class Peer:
    """A viewer who works on nothing. What one sees, all see who are in these groups of logins.

    It stands for them where something is asked of the database for all of them at once. The groups are those that it
    was made with, and not those of anybody in the database, which may be others a moment later.
    """

    groups: tuple[str, ...] = ()

    pk: ClassVar[None] = None
    is_active: ClassVar[bool] = True
    is_authenticated: ClassVar[bool] = True
    is_anonymous: ClassVar[bool] = False
    is_staff: ClassVar[bool] = False
    is_superuser: ClassVar[bool] = False

    def has_perm(self, _permission: str, _row: Any = None) -> bool:
        return False


def has_peers(user: "Viewer") -> bool:
    """Whether what ``user`` sees depends on nothing but their groups; it does not for those who may see drafts."""
    return not getattr(user, "is_staff", False) and not getattr(user, "is_superuser", False)
