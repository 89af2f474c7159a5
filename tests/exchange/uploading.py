"""Files handed to the pages of imports, as a browser hands them."""

import io
from typing import Any

from django.test import Client
from django.urls import reverse

from crimewatch.exchange.models import ImportBatch


def upload(client: Client, content: str | bytes, name: str = "groups.csv", **fields: str) -> Any:
    """The answer to an upload."""
    file = io.BytesIO(content.encode() if isinstance(content, str) else content)
    file.name = name
    return client.post(reverse("exchange:upload"), {"file": file, **fields})


def uploaded(client: Client, content: str | bytes, name: str = "groups.csv", **fields: str) -> ImportBatch:
    """The batch that an upload has made."""
    answer = upload(client, content, name, **fields)
    assert answer.status_code == 302, answer.context["form"].errors
    return ImportBatch.objects.latest("pk")


def page(client: Client, batch: ImportBatch, **query: str) -> str:
    answer = client.get(batch.get_absolute_url(), query)
    assert answer.status_code == 200
    return str(answer.content.decode())


def confirm(client: Client, batch: ImportBatch, **fields: str) -> ImportBatch:
    batch.refresh_from_db()
    client.post(reverse("exchange:confirm", args=[batch.uid]), {"digest": batch.digest, **fields})
    batch.refresh_from_db()
    return batch


def act(client: Client, batch: ImportBatch, action: str, **fields: str) -> Any:
    """The answer to a button on the page of a batch."""
    return client.post(reverse(f"exchange:{action}", args=[batch.uid]), fields)
