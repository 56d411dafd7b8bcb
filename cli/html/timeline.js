/*
 * timeline - memory over time, and the part of the run that is chosen.
 *
 * The part begins and ends at edges of slices. It is drawn out with the
 * pointer, or moved by its two handles, which keys move as well.
 */
const timeline = (() => {
	const LEFT = 74;
	const RIGHT = 14;
	const TOP = 8;
	const BOTTOM = 22;
	const holder = names.by("timeline");
	const slices = data.slices;
	let range = null;
	let whenChanged = () => {};
	let handles = [];
	let anchor = null;

	function pointsOf(side) {
		const flat = data.traces[side].timeline;
		const list = [];

		for (let i = 0; i < flat.length; i += 5)
			list.push({ time: flat[i], heap: flat[i + 1],
				    heapHigh: flat[i + 2],
				    mappings: flat[i + 3],
				    resident: flat[i + 4] });
		return list;
	}

	const points = data.traces.map((_, side) => pointsOf(side));
	const duration = Math.max(1, ...data.traces.map(
		(t) => t.run.duration));
	const members = { heap: "heapHigh", before: "heapHigh", mappings:
		"mappings", resident: "resident" };
	const shown = new Set();
	let highest = 1;

	function highestOf(kind) {
		const lists = kind === "before" ? [points[0]] :
			kind === "heap" ? points.slice(-1) : points;

		return Math.max(1, ...lists.flat().map(
			(p) => p[members[kind]]));
	}

	function width() {
		return Math.max(holder.clientWidth, 200);
	}

	function xOf(time) {
		return LEFT + (width() - LEFT - RIGHT) * time / duration;
	}

	function yOf(bytes) {
		const height = holder.clientHeight - TOP - BOTTOM;

		return TOP + height * (1 - bytes / highest);
	}

	function edgeAt(x) {
		const time = (x - LEFT) / (width() - LEFT - RIGHT) * duration;
		let best = 0;

		slices.times.forEach((t, edge) => {
			if (Math.abs(t - time) <
			    Math.abs(slices.times[best] - time))
				best = edge;
		});
		return best;
	}

	function step(most, count, bases) {
		let size = 1;

		for (;;) {
			for (const base of bases)
				if (most / (size * base) <= count)
					return size * base;
			size *= bases[bases.length - 1] === 5 ? 10 : 2;
		}
	}

	function drawGrid(svg) {
		const bytes = step(highest, 4, [1]);
		const time = step(duration, 10, [1, 2, 5]);

		for (let b = 0; b <= highest; b += bytes) {
			svg.append(names.drawing("line", { class: "grid",
				x1: LEFT, x2: width() - RIGHT, y1: yOf(b),
				y2: yOf(b) }));
			svg.append(names.drawing("text", { x: LEFT - 8,
				y: yOf(b) + 4, "text-anchor": "end" },
				names.bytes(b)));
		}
		for (let t = 0; t <= duration; t += time)
			svg.append(names.drawing("text", { x: xOf(t),
				y: holder.clientHeight - 6,
				"text-anchor": "middle" }, names.time(t)));
	}

	function line(list, member) {
		return list.map((p, i) => `${i ? "L" : "M"}${
			xOf(p.time).toFixed(1)},${
			yOf(p[member]).toFixed(1)}`).join("");
	}

	function drawSeries(svg, list, member, kind) {
		if (shown.has(kind))
			svg.append(names.drawing("path", { class: kind,
				d: line(list, member) }));
	}

	function drawHeap(svg, list) {
		if (!list.length || !shown.has("heap"))
			return;
		const first = { ...list[0], time: 0, heapHigh: 0 };
		const all = [first, ...list];

		svg.append(names.drawing("path", { class: "heap",
			d: `${line(all, "heapHigh")}L${
				xOf(all[all.length - 1].time)},${yOf(0)}Z` }));
	}

	function drawMarks(svg, run) {
		for (const [time, name] of run.marks) {
			const mark = names.drawing("line", { class: "mark",
				x1: xOf(time), x2: xOf(time), y1: TOP,
				y2: yOf(0) });

			mark.append(names.drawing("title", {},
				`${name} at ${names.time(time)}`));
			svg.append(mark);
			if (run.marks.length <= 12)
				svg.append(names.drawing("text", { x:
					xOf(time) + 3, y: TOP + 10 },
					name.slice(0, 24)));
		}
	}

	function drawPeak(svg, run) {
		const peak = run.total[data.metrics.indexOf("peak")];
		const mark = names.drawing("circle", { class: "peak", r: 4,
			cx: xOf(run.peak_time), cy: yOf(Math.min(peak, highest)),
		});

		mark.append(names.drawing("title", {}, `peak, ${
			names.bytes(peak)} at ${names.time(run.peak_time)}`));
		svg.append(mark);
	}

	function drawOutside(svg) {
		if (!range)
			return;
		const spans = [[xOf(0), xOf(slices.times[range.from])],
			       [xOf(slices.times[range.to]), xOf(duration)]];

		for (const [from, to] of spans)
			svg.append(names.drawing("rect", { class: "outside",
				x: from, width: Math.max(to - from, 0), y: TOP,
				height: yOf(0) - TOP }));
	}

	function placeHandles() {
		const edges = range ? [range.from, range.to] :
			slices ? [0, slices.edges - 1] : [];

		handles.forEach((handle, i) => {
			const time = slices.times[edges[i]];

			handle.style.left = `${xOf(time)}px`;
			handle.setAttribute("aria-valuenow", edges[i]);
			handle.setAttribute("aria-valuetext",
					    names.time(time));
		});
	}

	function rescale() {
		highest = Math.max(1, ...[...shown].map(highestOf));
	}

	/* What would make the heap look like nothing waits to be asked for. */
	function chooseSeries() {
		const most = Math.max(highestOf("heap"), data.isDiff ?
			highestOf("before") : 0);

		for (const kind of series())
			if (highestOf(kind) <= 4 * most || kind === "heap")
				shown.add(kind);
		rescale();
	}

	function toggle(kind) {
		shown.has(kind) ? shown.delete(kind) : shown.add(kind);
		rescale();
		draw();
	}

	function draw() {
		const svg = names.drawing("svg", { "aria-hidden": "true" });
		const last = data.traces.length - 1;

		drawGrid(svg);
		drawHeap(svg, points[last]);
		if (data.isDiff) {
			drawSeries(svg, points[0], "heapHigh", "before");
		} else {
			drawSeries(svg, points[0], "mappings", "mappings");
			drawSeries(svg, points[0], "resident", "resident");
			drawMarks(svg, data.traces[0].run);
			if (data.kind === "heap" && shown.has("heap"))
				drawPeak(svg, data.traces[0].run);
		}
		drawOutside(svg);
		holder.querySelector("svg")?.remove();
		holder.prepend(svg);
		placeHandles();
	}

	function choose(from, to) {
		const last = slices.edges - 1;

		if (from > to)
			[from, to] = [to, from];
		if (from === to)
			to < last ? to++ : from--;
		range = from <= 0 && to >= last ? null : { from, to };
		draw();
		whenChanged(range);
	}

	function clear() {
		range = null;
		draw();
		whenChanged(null);
	}

	function moveHandle(i, edge) {
		const last = slices.edges - 1;
		const now = range || { from: 0, to: last };

		edge = Math.min(Math.max(edge, 0), last);
		if (i === 0)
			choose(Math.min(edge, now.to - 1), now.to);
		else
			choose(now.from, Math.max(edge, now.from + 1));
	}

	function onHandleKey(event, i) {
		const by = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1,
			     ArrowUp: 1, PageDown: -10, PageUp: 10,
			     Home: -1e9, End: 1e9 }[event.key];
		const now = Number(handles[i].getAttribute("aria-valuenow"));

		if (by === undefined)
			return;
		event.preventDefault();
		moveHandle(i, now + by);
	}

	function makeHandles() {
		handles = ["start", "end"].map((what, i) => {
			const handle = names.element("div", { class: "handle",
				role: "slider", tabindex: "0",
				"aria-label": `${what} of the range`,
				"aria-valuemin": "0",
				"aria-valuemax": slices.edges - 1 });

			handle.addEventListener("keydown", (event) =>
				onHandleKey(event, i));
			holder.append(handle);
			return handle;
		});
	}

	function xIn(event) {
		return event.clientX - holder.getBoundingClientRect().left;
	}

	/* A handle is dragged as if the other end had been drawn out from. */
	function onDown(event) {
		const i = handles.indexOf(event.target);
		const now = range || { from: 0, to: slices.edges - 1 };

		anchor = { x: xIn(event), edge: i < 0 ? edgeAt(xIn(event)) :
			i === 0 ? now.to : now.from };
		holder.setPointerCapture(event.pointerId);
	}

	function onMove(event) {
		if (anchor && Math.abs(xIn(event) - anchor.x) > 3)
			choose(anchor.edge, edgeAt(xIn(event)));
	}

	function start(changed) {
		whenChanged = changed;
		chooseSeries();
		if (slices && slices.edges > 2) {
			makeHandles();
			holder.addEventListener("pointerdown", onDown);
			holder.addEventListener("pointermove", onMove);
			holder.addEventListener("pointerup", () => {
				anchor = null;
			});
			holder.addEventListener("dblclick", clear);
		}
		new ResizeObserver(draw).observe(holder);
		draw();
	}

	/* What lines there are. */
	function series() {
		const has = (kind) => points[0].some((p) => p[members[kind]]);

		return data.isDiff ? ["before", "heap"] :
			["heap", "mappings", "resident"].filter(has);
	}

	return { start, choose, clear, series, toggle, draw, xOf,
		 isShown: (kind) => shown.has(kind) };
})();
