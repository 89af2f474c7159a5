"""Forms of the admin as a browser posts them."""

from typing import Any


def form_of(page: Any) -> dict[str, Any]:
    """What a browser would post back of the page, untouched."""
    fields: dict[str, Any] = {}
    formsets = [inline.formset for inline in page.context["inline_admin_formsets"]]
    forms = [page.context["adminform"].form, *(formset.management_form for formset in formsets)]
    forms += [form for formset in formsets for form in formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            fields[bound.html_name] = bound.field.prepare_value(value)
    if "status_seen" in page.context:
        fields["_status_seen"] = page.context["status_seen"]
    return fields
