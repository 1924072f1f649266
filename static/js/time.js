// Moments that stay true while the page is open: data-ago, data-since, data-exact.

import { upgrade } from "./page.js";

const UNITS = [
  [365 * 86400, "y"],
  [30 * 86400, "mo"],
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];
const EXACT = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "long" });

upgrade((root) => {
  for (const time of root.querySelectorAll("time[datetime]")) {
    time.title = EXACT.format(new Date(time.dateTime));
  }
  tick(root);
});
setInterval(() => tick(document), 1000);

function tick(root) {
  for (const time of root.querySelectorAll("[data-ago]")) {
    write(time, ago((Date.now() - new Date(time.dateTime)) / 1000));
  }
  for (const clock of root.querySelectorAll("[data-since]")) {
    write(clock, duration((Date.now() - new Date(clock.dataset.since)) / 1000));
  }
}

function write(element, text) {
  // Setting the same text again would make screen readers look at it again.
  if (element.textContent !== text) element.textContent = text;
}

function ago(distance) {
  const size = Math.abs(distance);
  const unit = UNITS.find(([seconds]) => size >= seconds);
  if (!unit) return distance >= 0 ? "just now" : "in a moment";
  const amount = size / unit[0];
  // What is to come is rounded, or thirty days would read as 29 from the first second on.
  return distance >= 0
    ? `${Math.floor(amount)} ${unit[1]} ago`
    : `in ${Math.round(amount)} ${unit[1]}`;
}

function duration(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (number) => String(number).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
