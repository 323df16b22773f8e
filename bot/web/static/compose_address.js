// The page's own address. Query: which letter (cas, geste, langue, numero). Fragment, which no
// server sees: TOKEN, ".unsigned" where a name could harm, and what was typed (&first_name=…).
// Links of before have all in the fragment: CASE.ACTION.LANGUAGE.NUMBER.TOKEN

const TOKEN = /^[a-z2-7]{20,40}$/;
const UNSIGNED = "unsigned";
const LONGEST = 6000;
export const TYPED = ["first_name", "town", "own", "text"];

// A percent sign that encodes nothing stays as it is.
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

// {wanted, token, unsigned, typed}; `wanted` where the fragment names the letter.
export function fromFragment(hash) {
  const [head, ...pairs] = hash.replace(/^#/, "").split("&");
  const parts = decoded(head).split(".");
  const named = parts.length >= 4;
  const [token = "", mark = ""] = named ? parts.slice(4) : parts;
  const typed = {};
  for (const pair of pairs) {
    const [name, value = ""] = pair.split("=", 2).map(decoded);
    if (TYPED.includes(name) && value) typed[name] = value.slice(0, LONGEST);
  }
  const [whom, action, language, number] = parts;
  return {
    wanted: named ? { case: whom, action, language, number } : null,
    token: TOKEN.test(token) ? token : "",
    unsigned: mark === UNSIGNED,
    typed,
  };
}

function fragment({ token, unsigned, typed = {} }) {
  const head = [token, unsigned ? UNSIGNED : ""].filter((part, place) => part || !place).join(".");
  const pairs = TYPED.filter((name) => typed[name]).map(
    (name) => `${name}=${encodeURIComponent(typed[name])}`,
  );
  const whole = [head === "" && !pairs.length ? "" : head, ...pairs].join("&");
  return whole ? `#${whole}` : "";
}

// Where that letter is shown, with what was typed.
export function pageAddress(letter, secret, language = "") {
  const here = new URL(location.href);
  const query = new URLSearchParams();
  const spoken = language || here.searchParams.get("lang");
  if (spoken) query.set("lang", spoken);
  if (letter) {
    query.set("cas", letter.case);
    query.set("geste", letter.action);
    query.set("langue", letter.language);
    query.set("numero", letter.number);
  }
  here.search = query;
  here.hash = fragment(secret);
  return here.href;
}

// The same page in Android's own browser, out of the app that shows it here. Android takes what
// stands behind the last "#" for the intent, so the page's own fragment comes through.
export function inAndroidBrowser(address) {
  const { protocol, host, pathname, search, hash } = new URL(address);
  const rest = `${host}${pathname}${search}${hash}`;
  return `intent://${rest}#Intent;scheme=${protocol.slice(0, -1)};action=android.intent.action.VIEW;category=android.intent.category.BROWSABLE;end`;
}
