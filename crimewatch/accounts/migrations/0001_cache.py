"""Make the table of the cache, in which limits of tries outlive a restart. Its columns are those of Django's cache."""

from django.db import migrations

MAKE = """
CREATE TABLE accounts_cache (
    cache_key varchar(255) PRIMARY KEY,
    value text NOT NULL,
    expires timestamp with time zone NOT NULL
);
CREATE INDEX accounts_cache_expires ON accounts_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = []

    operations = [migrations.RunSQL(MAKE, "DROP TABLE accounts_cache")]
