// Moments in words.

const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short", hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", year: "numeric" });
const dayAndClock = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export const isTimestamp = (value) => Number.isSafeInteger(value) && value > 0 && value < 8.64e15;

function midnight(time, days = 0) {
  const date = new Date(time);
  date.setHours(0, 0, 0, 0);
  date.setDate(date.getDate() + days);
  return date.getTime();
}

/// "until 15:30", "until tomorrow 08:00", "until 3 Mar 2027"; "" for no time.
export function until(time, now = Date.now()) {
  if (!isTimestamp(time)) return "";
  if (time < midnight(now, 1)) return `until ${clock.format(time)}`;
  if (time < midnight(now, 2)) return `until tomorrow ${clock.format(time)}`;
  if (time < midnight(now, 7)) return `until ${weekday.format(time)}`;
  return `until ${time - now < 300 * DAY ? dayAndClock.format(time) : day.format(time)}`;
}

/// "just now", "5 min ago", "3 h ago", "2 days ago", a date.
export function ago(time, now = Date.now()) {
  if (!isTimestamp(time)) return "";
  const age = Math.max(0, now - time);
  if (age < MINUTE) return "just now";
  if (age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age < 14 * DAY) return age < 2 * DAY ? "a day ago" : `${Math.floor(age / DAY)} days ago`;
  return `on ${day.format(time)}`;
}

/// Fills a select with ends to choose from. `custom` shows the field for a time of one's own.
export function fillEnds(select, none) {
  for (const [value, text] of [
    ["", none], ["30m", "30 minutes"], ["1h", "1 hour"], ["4h", "4 hours"], ["tomorrow", "tomorrow morning"], ["custom", "a time…"],
  ]) {
    select.append(new Option(text, value));
  }
}

/// The end that a select and its field stand for, in ms; undefined for none, null for a time that is missing or past.
export function chosenEnd(select, field, now = Date.now()) {
  switch (select.value) {
    case "30m": return now + 30 * MINUTE;
    case "1h": return now + HOUR;
    case "4h": return now + 4 * HOUR;
    case "tomorrow": return midnight(now, 1) + 8 * HOUR;
    case "custom": {
      const time = new Date(field.value).getTime();
      return time > now ? time : null;
    }
    default: return undefined;
  }
}

/// Shows the field for a time of one's own when it is asked for, with an hour from now in it.
export function followCustom(select, label, field, changed = () => {}) {
  select.addEventListener("change", () => {
    label.hidden = select.value !== "custom";
    if (!label.hidden && !(new Date(field.value).getTime() > Date.now())) {
      const local = new Date(Date.now() + HOUR);
      local.setMinutes(local.getMinutes() - local.getTimezoneOffset());
      field.value = local.toISOString().slice(0, 16);
    }
    changed();
  });
  field.addEventListener("change", changed);
}
