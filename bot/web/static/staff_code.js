// Sets up a second factor: asks for the QR code with the token of the link, sends the first code.

const labels = JSON.parse(document.getElementById("labels").textContent);
const form = document.getElementById("setting-up");
const status = document.getElementById("said");
const token = decodeURIComponent(location.hash.slice(1));
// Neither the history nor whoever looks over the shoulder keeps the link.
history.replaceState(null, "", location.pathname + location.search);

function say(what) {
  status.textContent = labels[what] ?? labels.failed;
}

async function post(what, asked) {
  try {
    return await fetch(`staff-code/${what}`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(asked),
    });
  } catch {
    return undefined;
  }
}

async function told(response) {
  const answer = await response?.json().catch(() => undefined);
  say(answer?.said ?? "failed");
}

async function offer() {
  const response = await post("offer", { token });
  if (!response?.ok) {
    await told(response);
    return;
  }
  document.getElementById("secret").textContent = response.headers.get("X-Secret");
  document.getElementById("picture").src = URL.createObjectURL(await response.blob());
  form.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const response = await post("confirm", { token, code: form.digits.value });
  await told(response);
  if (response?.ok) {
    form.remove();
  } else {
    form.digits.select();
  }
});

await offer();
