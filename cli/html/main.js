/*
 * main - what the reader has chosen, and what follows from it.
 */
(() => {
	const control = names.by;
	const state = {
		metric: data.metrics[data.sort], range: null, show: "after",
		flames: false, inverted: false, hide: false, lines: false,
		search: "",
	};

	/* Does a frame's function, file or module have the text? */
	function makeFinder() {
		const wanted = state.search.trim().toLowerCase();
		const known = new Map();

		if (!wanted)
			return null;
		return (frame) => {
			if (!known.has(frame))
				known.set(frame, [data.text(
					data.functions.name[
						data.frames.function[frame]]),
					data.where(frame)].some((text) =>
					text.toLowerCase().includes(wanted)));
			return known.get(frame);
		};
	}

	function figures() {
		return data.isDiff ? values.compared(state.metric, state.show) :
			values.of(state.metric, state.range);
	}

	function fillMetrics() {
		const list = values.metrics(state.range);

		if (!list.includes(state.metric))
			state.metric = state.range ? "grown" : "leaked";
		control("metric").replaceChildren(...list.map((m) =>
			names.element("option", { value: m }, m)));
		control("metric").value = state.metric;
	}

	function sayRange() {
		const t = data.slices && data.slices.times;

		control("whole").hidden = !state.range;
		control("range").textContent = state.range ?
			`${names.time(t[state.range.from])} to ${
				names.time(t[state.range.to])}` :
			data.slices ? "drag to choose a part of the run" : "";
	}

	function sayFound(isFound) {
		const all = flame.describe(0).value;
		const sum = isFound ? flame.found() : 0;

		control("found").textContent = isFound ? `${names.amount(
			state.metric, sum)} (${names.share(sum, all)})` : "";
	}

	function show() {
		const isFound = makeFinder();

		fillMetrics();
		sayRange();
		flame.show(figures(), {
			metric: state.metric, flames: state.flames,
			inverted: state.inverted, hide: state.hide,
			lines: state.lines,
			sides: data.isDiff ? [values.whole(0, state.metric),
				values.whole(1, state.metric)] : null,
			isHit: isFound && ((tree, box) => box > 0 && isFound(
				flameTree.frameOf(tree, box))),
		});
		sayFound(isFound);
		lines.show({ metric: state.metric, range: state.range,
			     isFound });
	}

	let isWaiting = false;

	/* Once a picture, however often the pointer moves. */
	function showSoon() {
		if (isWaiting)
			return;
		isWaiting = true;
		requestAnimationFrame(() => {
			isWaiting = false;
			show();
		});
	}

	function words(box) {
		const d = flame.describe(box);
		const say = (n) => names.amount(state.metric, n);
		const parts = [`${say(d.value)} (${names.share(d.value,
			d.all)}) ${state.metric}`];

		if (d.own && d.own < d.value)
			parts.push(`${say(d.own)} its own`);
		if (data.isDiff)
			parts.push(`${say(d.before)} before, ${
				say(d.after)} after, ${names.change(
					state.metric, d.after - d.before)}`);
		return { title: d.title, text: parts.join(" \u00b7 "),
			 where: d.frame >= 0 && !data.isRest(d.frame) ?
				data.where(d.frame) : "" };
	}

	function tell(element, box) {
		const { title, text, where } = words(box);

		element.replaceChildren(names.foreign(title), names.element(
			"br"), text, ...(where ? [names.element("br"),
			names.foreign(where)] : []));
	}

	function over(box, event) {
		const tip = control("tip");

		tip.hidden = box < 0;
		if (box < 0)
			return;
		tell(tip, box);
		if (tip.textContent.length > 700)
			tip.firstChild.textContent = `${tip.firstChild
				.textContent.slice(0, 500)}\u2026`;
		const area = tip.getBoundingClientRect();
		tip.style.left = `${Math.max(0, Math.min(event.clientX + 14,
			innerWidth - area.width - 8))}px`;
		tip.style.top = `${event.clientY + 18 + area.height >
			innerHeight ? Math.max(0, event.clientY - 12 -
			area.height) : event.clientY + 18}px`;
	}

	function setTheme() {
		const chosen = control("theme").value;
		const isDark = chosen === "dark" || (chosen === "system" &&
			matchMedia("(prefers-color-scheme: dark)").matches);

		document.documentElement.classList.toggle("dark", isDark);
		flame.recolour();
	}

	function bind(id, member, isCheck) {
		control(id).addEventListener(isCheck ? "change" : "input",
			(event) => {
				state[member] = isCheck ? event.target.checked :
					event.target.value;
				showSoon();
			});
	}

	function bindControls() {
		bind("metric", "metric");
		bind("show", "show");
		bind("search", "search");
		bind("inverted", "inverted", true);
		bind("hide", "hide", true);
		bind("lines", "lines", true);
		control("shape").addEventListener("input", (event) => {
			state.flames = event.target.value === "flame";
			show();
		});
		control("whole").addEventListener("click", timeline.clear);
		control("closer").addEventListener("click", () =>
			flame.zoom(1.5, flame.centreOfCurrent()));
		control("wider").addEventListener("click", () =>
			flame.zoom(1 / 1.5, flame.centreOfCurrent()));
		control("reset").addEventListener("click", () =>
			flame.focusOn(0));
		control("theme").addEventListener("input", setTheme);
		matchMedia("(prefers-color-scheme: dark)")
			.addEventListener("change", setTheme);
		document.addEventListener("keydown", (event) => {
			if (event.key !== "/" ||
			    event.target.matches("input, select"))
				return;
			event.preventDefault();
			control("search").focus();
		});
	}

	/* The change is what one looks at first, when there is one. */
	function chooseStart() {
		state.hide = flameTree.mayHide(figures());
		control("hide").checked = state.hide;
		control("show-label").hidden = !data.isDiff;
		control("colours").textContent = data.isDiff ?
			"Orange grew, blue shrank; each box says by how much." :
			"Colours tell source files apart, or functions where " +
			"no file is known; library frames are grey.";
	}

	/* Trees that may be asked for next, while nothing else is to do. */
	function prepare() {
		for (const inverted of [true, false])
			for (const hide of [true, false])
				requestIdleCallback(() => flameTree.of(
					{ inverted, hide, lines: false }));
	}

	flame.start({ moved: (box) => tell(control("frame"), box), over });
	chooseStart();
	bindControls();
	setTheme();
	summary.show();
	summary.footer();
	timeline.start((range) => {
		state.range = range;
		showSoon();
	});
	summary.legend();
	show();
	prepare();
})();
