// What a list's filters do besides what htmx makes of them.
(() => {
  // What somebody typed or ticked before the scripts were there has been heard by nobody.
  document.addEventListener("DOMContentLoaded", () => {
    const isChanged = (field) => (["checkbox", "radio"].includes(field.type) ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
    const changed = [...document.querySelectorAll("form.filters input:not([type=hidden])")].find(isChanged);
    changed?.dispatchEvent(new Event("input", { bubbles: true }));
  });

  // Choices close as a select does: by the Escape key, and when one goes on to something else.
  const open = () => document.querySelectorAll("details.choices[open]");

  function closeOthers(event) {
    for (const choices of open()) {
      if (!choices.contains(event.target)) choices.open = false;
    }
  }

  document.addEventListener("click", closeOthers);
  document.addEventListener("focusin", closeOthers); // or they would cover what the Tab key comes to next

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const choices of open()) {
      choices.open = false;
      choices.querySelector("summary").focus();
    }
  });
})();
