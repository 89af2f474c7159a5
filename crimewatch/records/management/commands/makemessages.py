"""`manage.py makemessages`, in place of Django's own, which needs GNU gettext."""

from typing import Any

from django.core.management.base import BaseCommand

from crimewatch import translations


class Command(BaseCommand):
    help = "Gather the marked texts of code and templates into locale/, keeping what is translated."

    def handle(self, *_args: Any, **_options: Any) -> None:
        for language in translations.languages():
            catalog = translations.gather(language)
            translations.save_catalog(language, catalog)
            path = translations.path_of(language)
            missing = sum(not translations.is_translated(message) for message in translations.texts_of(catalog))
            self.stdout.write(f"{path}: {len(catalog)} texts, {missing} of them without a translation.")
