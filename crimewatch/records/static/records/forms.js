/* Change forms: keys, focus, selects that open by typing, and no loss of what is not saved. */
"use strict";
if (django.jQuery.fn.select2) {
    // Within the page's main part, where screen readers look for it, and not behind its end.
    django.jQuery.fn.select2.defaults.set("dropdownParent", django.jQuery("#content-start"));
}
django.jQuery(() => {
    const $ = django.jQuery;
    const bar = document.querySelector(".submit-row");
    const form = bar && bar.closest("form");
    if (!form) {
        return;
    }

    // Fields

    const FIELDS = "input:not([type=hidden], [type=submit]), select, textarea";

    /** What takes the focus for a field: itself, or what a select that looks records up shows in its place. */
    function focusable(field) {
        const shown = field.classList.contains("select2-hidden-accessible") && field.nextElementSibling;
        return shown ? shown.querySelector(".select2-selection--single, .select2-search__field") : field;
    }

    function fieldsOf(part) {
        return [...part.querySelectorAll(FIELDS)].filter(
            (field) => field.id && !field.disabled && field.checkVisibility() && !field.closest(".empty-form")
        );
    }

    function focusOn(field) {
        focusable(field).focus({preventScroll: true});
        focusable(field).scrollIntoView({block: "nearest"});
    }

    // Selects that look records up: select2 leaves them without a name, and opens them by few keys only.

    function nameSelects(part) {
        for (const select of part.querySelectorAll("select.select2-hidden-accessible")) {
            const label = form.querySelector(`label[for="${select.id}"]`);
            const selection = select.nextElementSibling.querySelector(".select2-selection");
            if (!label) {
                continue;
            }
            label.id = `${select.id}_label`;
            const value = selection.querySelector(".select2-selection__rendered");
            selection.setAttribute("aria-labelledby", `${label.id} ${value.id}`.trim());
            value.setAttribute("aria-labelledby", label.id);
            const search = selection.querySelector(".select2-search__field");
            if (search) {
                search.setAttribute("aria-labelledby", label.id);
            }
            label.addEventListener("click", () => focusOn(select));
        }
    }

    $(document).on("select2:open", (event) => {
        const search = document.querySelector(".select2-dropdown .select2-search__field");
        const selection = focusable(event.target);
        if (search) {
            selection.setAttribute("aria-controls", selection.getAttribute("aria-owns"));
            search.setAttribute("aria-labelledby", `${event.target.id}_label`);
            search.focus();
        }
    });

    form.addEventListener("keydown", (event) => {
        const selection = event.target.closest(".select2-selection--single");
        const isLetter = event.key.length === 1 && event.key !== " ";
        if (selection && isLetter && !event.ctrlKey && !event.altKey && !event.metaKey) {
            // The search field has the focus before the letter arrives, and takes it.
            $(selection.closest(".select2-container").previousElementSibling).select2("open");
        }
    });

    // Claims: a new one has the focus in its first field

    let group = document.querySelector(".inline-group.claims");

    form.addEventListener("focusin", (event) => {
        group = event.target.closest(".inline-group.claims") || group;
    });

    document.addEventListener("formset:added", (event) => {
        const row = event.target;
        const number = row.id.match(/\d+$/)[0];
        for (const attribute of ["aria-describedby", "aria-labelledby"]) {
            for (const element of row.querySelectorAll(`[${attribute}*=__prefix__]`)) {
                element.setAttribute(attribute, element.getAttribute(attribute).replaceAll("__prefix__", number));
            }
        }
        nameSelects(row);
        focusOn(fieldsOf(row)[0]);
    });

    form.addEventListener("keydown", (event) => {
        if (event.key === " " && event.target.matches("a[role=button]")) {
            event.preventDefault();
            event.target.click();
        }
    });

    // Keys: on a Mac, Option types letters of its own, so Control goes with it

    const isMac = navigator.platform.startsWith("Mac");

    function isNew(event) {
        return event.altKey && !event.shiftKey && !event.metaKey && event.ctrlKey === isMac && event.code === "KeyN";
    }

    function buttonFor(event) {
        if (!(event.ctrlKey || event.metaKey) || event.altKey) {
            return null;
        }
        let names = [];
        if (event.key === "Enter") {
            names = event.shiftKey ? ["_addanother"] : ["_save"];
        } else if (event.key.toLowerCase() === "s" && !event.shiftKey) {
            names = ["_continue", "_save"];
        }
        return names.map((name) => form.elements.namedItem(name)).find(Boolean);
    }

    document.addEventListener("keydown", (event) => {
        const add = isNew(event) && group && group.querySelector(".add-row a");
        const pressed = add || buttonFor(event);
        if (pressed) {
            event.preventDefault();
            pressed.click();
        }
    });

    // Nothing typed is lost by leaving, nothing is saved twice

    let isSending = false;
    let isChanged = false;

    function changed() {
        isChanged = true;
        bar.querySelector(".unsaved").hidden = false;
    }

    $(form).on("input change", changed); // jQuery's, since select2 tells of a choice in no other way

    form.addEventListener("submit", (event) => {
        if (isSending) {
            event.preventDefault();
        }
        isSending = true;
    });
    window.addEventListener("pageshow", () => {
        isSending = false;
    });
    window.addEventListener("beforeunload", (event) => {
        if (isChanged && !isSending) {
            event.preventDefault();
        }
    });

    // Where to begin: at the first error, or on a new record at the first empty field

    nameSelects(form);
    const errors = [...form.querySelectorAll("ul.errorlist")];
    for (const error of errors) {
        for (let fold = error.closest("details"); fold; fold = fold.parentElement.closest("details")) {
            fold.open = true;
        }
    }
    if (errors.length) {
        changed();
        const [first] = errors;
        const field = first.classList.contains("nonfield") ? null : fieldsOf(first.parentElement)[0];
        if (field) {
            focusOn(field);
        } else {
            first.tabIndex = -1;
            first.focus();
        }
        first.scrollIntoView({block: "center"});
    } else if ("adding" in bar.dataset) {
        const empty = fieldsOf(form).find((field) => !field.value && field.type !== "checkbox");
        if (empty) {
            focusOn(empty);
        }
    }
});
