/* A new record: what is much like it is told as one types, and never stands in the way. */
"use strict";
document.addEventListener("DOMContentLoaded", () => {
    const notice = document.querySelector(".alike");
    const form = notice && notice.closest("form");
    const name = form && form.elements.namedItem("name");
    if (!name) {
        return;
    }
    const list = notice.querySelector(".alike-list");
    const WAIT = 400; // milliseconds without a key
    let timer = 0;
    let asked = "";
    let request = null;

    /** The record's own texts, without its claims, whose fields have a hyphen and a number in their names. */
    function typed() {
        const query = new URLSearchParams();
        for (const field of form.querySelectorAll("input[type=text], input[type=url], input:not([type]), textarea")) {
            if (field.name && !field.name.includes("-") && field.value.trim() && field.name !== "summary") {
                query.set(field.name, field.value.trim().slice(0, 1000));
            }
        }
        return query;
    }

    function show(found) {
        list.replaceChildren();
        found.forEach(({label, address}, number) => {
            const link = document.createElement("a");
            link.href = address;
            link.textContent = label;
            link.target = "_blank"; // what is typed stays
            link.rel = "noopener";
            list.append(...(number ? [", ", link] : [link]));
        });
        notice.hidden = found.length === 0;
    }

    async function ask() {
        const query = typed().toString();
        if (query === asked) {
            return;
        }
        asked = query;
        if (request) {
            request.abort();
        }
        request = new AbortController();
        try {
            const answer = await fetch(`${notice.dataset.address}?${query}`, {signal: request.signal});
            show(answer.ok ? (await answer.json()).alike : []);
        } catch (error) {
            if (error.name !== "AbortError") {
                show([]);
            }
        }
    }

    form.addEventListener("input", () => {
        clearTimeout(timer);
        timer = setTimeout(ask, WAIT);
    });
    if (name.value.trim()) {
        ask();
    }
});
