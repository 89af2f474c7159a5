/* Lists: Alt+N begins a new record. On a Mac, Option types letters of its own, so Control goes with it. */
"use strict";
{
    const add = document.querySelector(".object-tools .addlink");
    const isMac = navigator.platform.startsWith("Mac");
    if (add) {
        const keys = isMac ? "Control+Alt+N" : "Alt+N";
        add.setAttribute("aria-keyshortcuts", keys);
        add.title = keys;
        document.addEventListener("keydown", (event) => {
            if (event.altKey && !event.shiftKey && !event.metaKey && event.ctrlKey === isMac && event.code === "KeyN") {
                event.preventDefault();
                add.click();
            }
        });
    }
}
