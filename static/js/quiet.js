// Forms that are sent without leaving the page: data-quiet.

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-quiet]")) return;
  event.preventDefault();
  const trouble = form.querySelector("[role=alert]");
  trouble.hidden = true;
  try {
    const reply = await fetch(form.action, {
      method: "POST",
      body: new URLSearchParams(new FormData(form)),
      headers: { Accept: "application/json" },
    });
    if (reply.ok) form.reset();
    else complain(trouble, (await reply.json()).error);
  } catch {
    complain(trouble, { message: "The server does not answer. Your text is still here." });
  }
});

function complain(trouble, { message, fields = {} }) {
  trouble.textContent = Object.values(fields).flat().join(" ") || message;
  trouble.hidden = false;
}
