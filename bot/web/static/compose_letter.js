// A letter and its ways out, as bot/campaign/letters.py, bot/campaign/typed.py and
// bot/documents/{mail_links,eml}.py write them; a test holds the two against each other.

// Halves of characters, which no file or link can hold.
const HALVES = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const UNWANTED = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}]/gu;
const READABLE = /[\p{L}\p{N}]/u;

function wellFormed(text) {
  return text.replace(HALVES, "\uFFFD");
}

// What was typed, on one line and without what changes directions or cannot be seen.
export function oneLine(text) {
  const spaced = text.normalize("NFC").replace(/[\t-\r\x1c-\x1f\x85\p{Z}]/gu, " ");
  const kept = spaced.replace(UNWANTED, (sign) => (/[\u200c\u200d]/.test(sign) ? sign : ""));
  const line = kept.replace(/ +/g, " ").replace(/^ | $/g, "");
  return READABLE.test(line) ? line : "";
}

export function signature(firstName, town) {
  return [oneLine(firstName), oneLine(town)].filter(Boolean).join("\n");
}

// The body with another signature at its end; null where the old one was changed by hand.
export function signedAnew(body, before, after) {
  let unsigned = body;
  if (before) {
    if (!body.endsWith(`\n\n${before}`)) return null;
    unsigned = body.slice(0, -before.length - 2);
  }
  return after ? `${unsigned}\n\n${after}` : unsigned;
}

// An empty paragraph, left in a letter for a sentence of one's own.
const GAP = "\n\n\n\n";

// The body with another sentence of one's own: in the gap, else before the closing, else before the
// signature; null where the old sentence was changed by hand. `gap`: the letter came with one.
export function withOwn(body, before, after, { gap, closing, signed }) {
  let plain = body;
  if (before) {
    const old = `\n\n${before}\n\n`;
    const at = `${body}\n\n`.lastIndexOf(old);
    if (at < 0) return null;
    plain = body.slice(0, at) + (gap ? "\n\n" : "") + body.slice(at + before.length + 2);
  }
  if (!after) return plain;
  const empty = plain.indexOf(GAP);
  if (empty >= 0) return `${plain.slice(0, empty)}\n\n${after}${plain.slice(empty + 2)}`;
  const ends = [closing, signed].filter(Boolean).map((end) => plain.lastIndexOf(`\n\n${end}`));
  const place = ends.find((found) => found >= 0) ?? plain.length;
  return `${plain.slice(0, place)}\n\n${after}${plain.slice(place)}`;
}

export function hasGap(body) {
  return body.includes(GAP);
}

export function singleLine(text) {
  return wellFormed(text)
    .replace(/[\p{Cc}\p{Zl}\p{Zp}]/gu, " ")
    .replace(/ {2,}/g, " ")
    .replace(/^ +| +$/g, "");
}

function plainLines(text) {
  return wellFormed(text).replace(/\r\n?/g, "\n");
}

// What need not be encoded is left (mail_links.py: PLAIN), for links are short; spaces are %20: some
// show a "+" as a plus.
function encoded(text) {
  return encodeURIComponent(wellFormed(text))
    .replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
    .replace(/%2C/g, ",")
    .replace(/%3A/g, ":");
}

function addresses(list) {
  return list.map((one) => encoded(one).replace(/%40/g, "@")).join(",");
}

function joined(values) {
  return Object.entries(values)
    .filter(([, value]) => value)
    .map(([name, value]) => `${name}=${encoded(value)}`)
    .join("&");
}

// The whole draft; whether a link may be that long: limits.mailto.
export function mailto(draft) {
  const cc = draft.cc.length ? `cc=${addresses(draft.cc)}&` : "";
  const fields = joined({
    subject: singleLine(draft.subject),
    body: plainLines(draft.body).replace(/\n/g, "\r\n"),
  });
  return `mailto:${addresses(draft.to)}?${cc}${fields}`;
}

// Links into web mail by service; null where the draft is longer than that service takes.
export function webMail(draft, limits) {
  const whole = encoded(mailto(draft));
  const fields = (names) =>
    joined({
      [names.to]: draft.to.join(","),
      [names.cc]: draft.cc.join(","),
      [names.subject]: singleLine(draft.subject),
      [names.body]: plainLines(draft.body),
    });
  const links = {
    // Not documented by Google; in use unchanged for many years.
    gmail: `https://mail.google.com/mail/?view=cm&fs=1&${fields({
      to: "to",
      cc: "cc",
      subject: "su",
      body: "body",
    })}`,
    // What Outlook registers with browsers as its handler for mailto. Its plain parameters
    // (to=, cc=, …) lose the copies, and their spaces where one has to sign in first.
    outlook: `https://outlook.live.com/mail/0/deeplink/compose?mailtouri=${whole}`,
    // Microsoft moves Outlook for work from outlook.office.com to this host; the redirect from
    // there has been reported to lose the draft.
    outlook_work: `https://outlook.cloud.microsoft/mail/deeplink/compose?mailtouri=${whole}`,
    yahoo: `https://compose.mail.yahoo.com/?${fields({
      to: "to",
      cc: "cc",
      subject: "subject",
      body: "body",
    })}`,
    // ProtonMail/WebClients: MAILTO_PROTOCOL_HANDLER_PATH.
    proton: `https://mail.proton.me/inbox/#mailto=${whole}`,
  };
  for (const name of Object.keys(links)) {
    if (links[name].length > limits[name]) links[name] = null;
  }
  return links;
}

// RFC 2047: encoded words of at most 75 characters, none of which splits a character.
function encodedSubject(text) {
  if (/^[\x20-\x7e]{0,60}$/.test(text) && !text.includes("=?")) return text;
  const wordsOf = [];
  let bytes = [];
  const encoder = new TextEncoder();
  const flush = () => {
    if (bytes.length) wordsOf.push(`=?utf-8?b?${btoa(String.fromCharCode(...bytes))}?=`);
    bytes = [];
  };
  for (const sign of text) {
    const more = encoder.encode(sign);
    if (bytes.length + more.length > 45) flush();
    bytes.push(...more);
  }
  flush();
  return wordsOf.join("\r\n ");
}

// RFC 2045: quoted-printable lines of at most 76 characters.
function quotedPrintable(text) {
  const encoder = new TextEncoder();
  return text
    .split("\n")
    .map((line) => {
      const pieces = [...encoder.encode(line)].map((byte, place, all) => {
        const last = place === all.length - 1;
        const plain =
          (byte > 32 && byte < 127 && byte !== 61) || ((byte === 32 || byte === 9) && !last);
        return plain
          ? String.fromCharCode(byte)
          : `=${byte.toString(16).toUpperCase().padStart(2, "0")}`;
      });
      const lines = [""];
      for (const piece of pieces) {
        if (lines[lines.length - 1].length + piece.length > 75) lines.push("");
        lines[lines.length - 1] += piece;
      }
      return lines.join("=\r\n");
    })
    .join("\r\n");
}

// An e-mail file that opens as a draft: no From, Date or Message-ID.
export function eml(draft) {
  const headers = [
    "X-Unsent: 1",
    draft.to.length ? `To: ${draft.to.join(", ")}` : "",
    draft.cc.length ? `Cc: ${draft.cc.join(", ")}` : "",
    `Subject: ${encodedSubject(singleLine(draft.subject))}`,
    "MIME-Version: 1.0",
    'Content-Type: text/plain; charset="utf-8"',
    "Content-Transfer-Encoding: quoted-printable",
  ].filter(Boolean);
  return `${headers.join("\r\n")}\r\n\r\n${quotedPrintable(plainLines(draft.body))}\r\n`;
}
