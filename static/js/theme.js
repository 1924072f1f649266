// The switch between light, dark and the system's colours, without a reload.

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".theme")) return;
  event.preventDefault();
  const choice = event.submitter;
  document.documentElement.dataset.theme = choice.value;
  for (const button of form.elements) {
    if (button.name === "theme") button.setAttribute("aria-pressed", String(button === choice));
  }
  // The server keeps it in a cookie, so that the next page is painted right from the start.
  fetch(form.action, {
    method: "POST",
    body: new URLSearchParams(new FormData(form, choice)),
    redirect: "manual",
  }).catch(() => form.submit());
});
