/*
 * names - figures as people read them, and elements of the page.
 *
 * Foreign text becomes a text node and nothing else: no other file makes
 * elements, and none sets HTML.
 */
const names = (() => {
	const UNITS = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
	const counted = new Set(["calls", "temporary"]);

	function bytes(n) {
		let unit = 0;
		let value = Math.abs(n);

		while (value >= 1024 && unit < UNITS.length - 1) {
			value /= 1024;
			unit++;
		}
		const digits = !unit || value >= 100 ? 0 : value >= 10 ? 1 : 2;
		return `${n < 0 ? "-" : ""}${value.toFixed(digits)} ${
			UNITS[unit]}`;
	}

	function count(n) {
		return Math.round(n).toString().replace(
			/\B(?=(\d{3})+$)/g, ",");
	}

	function time(ns) {
		if (ns >= 6e10)
			return `${Math.floor(ns / 6e10)} min ${
				((ns % 6e10) / 1e9).toFixed(1)} s`;
		if (ns >= 1e9)
			return `${(ns / 1e9).toFixed(ns < 1e10 ? 2 : 1)} s`;
		return `${(ns / 1e6).toFixed(ns < 1e7 ? 1 : 0)} ms`;
	}

	/* "2026-11-24 19:54", where the reader is. */
	function date(ms) {
		const then = new Date(ms);
		const two = (n) => String(n).padStart(2, "0");

		return `${then.getFullYear()}-${two(then.getMonth() + 1)}-${
			two(then.getDate())} ${two(then.getHours())}:${
			two(then.getMinutes())}`;
	}

	function amount(metric, n) {
		return counted.has(metric) ? count(n) : bytes(n);
	}

	function change(metric, n) {
		return `${n > 0 ? "+" : ""}${amount(metric, n)}`;
	}

	function share(part, whole) {
		return whole ? `${(100 * part / whole).toFixed(1)}%` : "-";
	}

	/* Attributes are our own; children are text or elements. */
	function element(tag, attributes, ...children) {
		const made = document.createElement(tag);

		for (const [name, value] of Object.entries(attributes || {}))
			made.setAttribute(name, value);
		made.append(...children);
		return made;
	}

	function drawing(tag, attributes, text) {
		const made = document.createElementNS(
			"http://www.w3.org/2000/svg", tag);

		for (const [name, value] of Object.entries(attributes))
			made.setAttribute(name, value);
		if (text !== undefined)
			made.textContent = text;
		return made;
	}

	/* A name that may be written from right to left. */
	function foreign(text) {
		return element("bdi", {}, text);
	}

	function by(id) {
		return document.getElementById(id);
	}

	return { bytes, count, time, date, amount, change, share, element, drawing,
		 foreign, by };
})();
