// Choices of a list's filters close as a select does: by the Escape key, and when something else is clicked.
(() => {
  const open = () => document.querySelectorAll("details.choices[open]");

  document.addEventListener("click", (event) => {
    for (const choices of open()) {
      if (!choices.contains(event.target)) choices.open = false;
    }
  });

  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const choices of open()) {
      choices.open = false;
      choices.querySelector("summary").focus();
    }
  });
})();
