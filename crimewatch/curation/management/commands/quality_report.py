"""``manage.py quality_report``: what the quality desk finds, as text or JSON, for a person or for cron."""

import json
import sys
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from crimewatch.curation.quality.desk import Desk, audience_of, everyone

#: The statuses with which the command ends; one that makes no sense ends with 2.
NOTHING, FINDINGS, USAGE = 0, 1, 2


class Command(BaseCommand):
    help = (
        "Count what the quality desk finds. Ends with 0 if nothing was found, with 1 if something was, and with 2 if "
        "the command makes no sense."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--format", choices=["text", "json"], default="text")
        parser.add_argument("--user", help="as the person with this login sees it; without it, all there is")
        parser.add_argument("--check", action="append", help="only this check; may be given several times")
        parser.add_argument(
            "--keep",
            action="store_true",
            help="keep the numbers as those of today, for everybody who works on the database",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        desk = Desk(self.viewer(options["user"]))
        wanted = self.wanted(desk, options["check"])
        if options["keep"]:
            keep_for_all()
        counts = [(check, desk.numbers(check)) for check in desk.checks if check.name in wanted]
        with translation.override("en"):
            report = as_json(counts) if options["format"] == "json" else as_text(counts)
        self.stdout.write(report)
        if any(numbers for _check, numbers in counts):
            sys.exit(FINDINGS)

    def viewer(self, name: str | None) -> Any:
        if name is None:
            return everyone()
        user = User.objects.filter(username=name).first()
        if user is None:
            raise CommandError(f"There is no login “{name}”.", returncode=USAGE)
        return user

    def wanted(self, desk: Desk, names: list[str] | None) -> set[str]:
        known = [check.name for check in desk.checks]
        unknown = [name for name in names or [] if name not in known]
        if unknown:
            raise CommandError(
                f"There is no check “{unknown[0]}”; there are: {', '.join(known) or 'none for this login'}.",
                returncode=USAGE,
            )
        return set(names or known)


def keep_for_all() -> None:
    """Keep the numbers of today for each circle of people who see the same rows."""
    circles: dict[str, Any] = {}
    for user in [everyone(), *User.objects.filter(is_active=True, is_staff=True)]:
        circles.setdefault(audience_of(user), user)
    for user in circles.values():
        Desk(user).keep()


def as_text(counts: list[tuple[Any, dict[Any, int]]]) -> str:
    lines = []
    for check, numbers in counts:
        lines.append(f"{sum(numbers.values()):>9}  {check.name:<18} {check.title}")
        if len(numbers) > 1:
            lines += [f"{number:>9}    {model._meta.verbose_name_plural}" for model, number in numbers.items()]
    total = sum(sum(numbers.values()) for _check, numbers in counts)
    return "\n".join([*lines, f"{total:>9}  findings"])


def as_json(counts: list[tuple[Any, dict[Any, int]]]) -> str:
    return json.dumps(
        {
            "counted_at": timezone.now().isoformat(timespec="seconds"),
            "findings": sum(sum(numbers.values()) for _check, numbers in counts),
            "checks": [
                {
                    "name": check.name,
                    "title": str(check.title),
                    "number": sum(numbers.values()),
                    "by_kind": {str(model._meta.model_name): number for model, number in numbers.items()},
                }
                for check, numbers in counts
            ],
        },
        ensure_ascii=False,
        indent=2,
    )
