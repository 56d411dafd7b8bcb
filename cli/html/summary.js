/*
 * summary - what was run and what it used, what the trace does not know, and
 * what this page leaves out.
 */
const summary = (() => {
	const last = data.traces[data.traces.length - 1].run;

	function total(run, metric) {
		return run.total[data.metrics.indexOf(metric)];
	}

	function figure(title, text, note) {
		const list = names.element("div", { class: "figure" },
			names.element("dt", {}, title),
			names.element("dd", {}, text));

		if (note)
			list.append(names.element("dd", { class: "change" },
						  note));
		return list;
	}

	function metricFigure(title, metric) {
		const now = total(last, metric);
		const text = names.amount(metric, now);

		if (!data.isDiff)
			return figure(title, text);
		const before = total(data.traces[0].run, metric);
		return figure(title, text, `${names.change(metric,
			now - before)} from ${names.amount(metric, before)}`);
	}

	function noteOf(text) {
		return names.element("p", { class: "note" },
				     names.foreign(text));
	}

	function notes() {
		const made = data.traces.flatMap(({ run }) => run.notes.map(
			(text) => noteOf(data.isDiff ?
				`${run.trace}: ${text}` : text)));

		if (last.sample)
			made.unshift(noteOf(`One block in about ${
				names.bytes(last.sample)} was recorded: ` +
				"figures are estimates."));
		if (data.filter)
			made.unshift(noteOf(`Only blocks with ${
				data.filter}`));
		return made;
	}

	function show() {
		const title = last.command.join(" ");
		const box = names.by("summary");
		const figures = [
			metricFigure("Peak", "peak"),
			metricFigure(`Live at ${last.instant}`, "live"),
			metricFigure("Allocated", "allocated"),
			metricFigure("Calls", "calls"),
			metricFigure("Temporary", "temporary"),
			figure("Time", names.time(last.duration)),
			figure("Started", names.date(last.start_ms)),
		];

		document.title = `${title} - memprof`;
		names.by("command").append(names.foreign(data.isDiff ?
			`${data.traces[0].run.trace} \u2192 ${last.trace}` :
			title));
		names.by("command").title = title;
		box.append(...figures.map((f) =>
			names.element("dl", {}, f)), ...notes());
	}

	function left() {
		const parts = [];

		if (data.stacksKept < data.stacksInAll)
			parts.push(`${names.count(data.stacksKept)} of ${
				names.count(data.stacksInAll)} stacks are ` +
				"shown whole: those with the largest share " +
				"of any metric. The others are summed up by " +
				"line as \u201c(smaller stacks)\u201d, so " +
				"that lines and totals are exact.");
		else
			parts.push("All stacks are here.");
		if (data.isDiff && data.lines.length < data.linesInAll)
			parts.push(`${names.count(data.lines.length)} of ${
				names.count(data.linesInAll)} lines are in ` +
				"the table: those with the largest change.");
		if (data.slices)
			parts.push(`The run is cut into ${
				data.slices.edges - 1} slices of ${
				names.time(data.slices.times[1] -
					   data.slices.times[0])}; ` +
				"ranges begin and end at their edges.");
		else if (data.noSlices)
			parts.push(`No range can be chosen: ${
				data.noSlices}.`);
		return parts;
	}

	function footer() {
		names.by("footer").append(
			...left().map((text) => names.element("p", {}, text)),
			names.element("p", {}, `memprof ${data.memprof}. ` +
				"This file fetches nothing and sends " +
				"nothing."));
	}

	const LINES = {
		heap: ["heap", "", data.isDiff ? "after" : "heap"],
		before: ["grew", "6 3", "before"],
		mappings: ["mappings", "2 3", "mappings"],
		resident: ["resident", "7 3", "resident"],
	};

	function sample(kind) {
		const [colour, dashes] = LINES[kind];
		const line = names.drawing("svg", { viewBox: "0 0 26 10" });

		line.append(names.drawing("path", { d: "M0,5H26",
			style: `stroke:var(--${colour});stroke-width:2;` +
				`stroke-dasharray:${dashes}` }));
		return line;
	}

	/* Each line of the timeline may be left out. */
	function legend() {
		for (const kind of timeline.series()) {
			const box = names.element("input", { type: "checkbox",
							     id: kind });

			box.checked = timeline.isShown(kind);
			box.addEventListener("change", () =>
				timeline.toggle(kind));
			names.by("legend").append(names.element("label", {},
				box, sample(kind), LINES[kind][2]));
		}
	}

	return { show, footer, legend };
})();
