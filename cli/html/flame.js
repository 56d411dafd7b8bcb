/*
 * flame - the flame graph, on a canvas.
 *
 * Boxes too narrow to see are not drawn, so a drawing costs what the screen
 * holds and not what the trace does. The list of boxes drawn is kept to find
 * what the pointer is at. One box is the current one: keys move it, and what
 * it stands for is told in words below.
 */
const flame = (() => {
	const ROW = 19;
	const NARROW = 0.6;
	const LETTER = 6.65;
	const canvas = document.querySelector("#flame canvas");
	const holder = names.by("flame");
	const pen = canvas.getContext("2d");
	let tree, list, old, options;
	let boxes = [];
	let current = 0;
	let focus = 0;
	let view = { from: 0, to: 1 };
	let colours;
	let rows = 1;
	let whenMoved = () => {};

	function readColours() {
		const style = getComputedStyle(document.documentElement);
		const get = (name) => style.getPropertyValue(name).trim();

		colours = {
			text: get("--box-text"), back: get("--back"),
			library: get("--library"), hit: get("--hit"),
			accent: get("--accent"), grew: get("--grew"),
			shrank: get("--shrank"), quiet: get("--quiet"),
			boxes: [0, 1, 2, 3, 4, 5].map((i) => get(`--box-${i}`)),
		};
	}

	function path(box) {
		const way = [];

		for (; box; box = tree.parent[box])
			way.unshift(box);
		return [0, ...way];
	}

	/* Largest first; those of `least` or less are left out. */
	function sorted(children, least) {
		return children.filter((c) => list[c] > least).sort(
			(a, b) => list[b] - list[a] || a - b);
	}

	/* Boxes from left to right under one that spans x to x + w, of 1. */
	function layBelow(box, x, w, depth, width) {
		const narrow = NARROW * (view.to - view.from) / width;

		for (const child of sorted(tree.children[box],
					   narrow / w * list[box])) {
			const wide = w * list[child] / list[box];

			if (x + wide > view.from && x < view.to) {
				boxes.push({ box: child, x, w: wide, depth });
				layBelow(child, x, wide, depth + 1, width);
			}
			x += wide;
		}
	}

	function lay(width) {
		const way = path(focus);

		boxes = [];
		if (!list[focus])
			return;
		way.forEach((box, depth) => boxes.push(
			{ box, x: 0, w: 1, depth, isAbove: box !== focus }));
		layBelow(focus, 0, 1, way.length, width);
		rows = 1 + boxes.reduce((m, b) => Math.max(m, b.depth), 0);
	}

	function hash(number) {
		return (Math.imul(number + 1, 2654435761) >>> 8) % 6;
	}

	function colourOf(box) {
		const frame = flameTree.frameOf(tree, box);

		if (frame < 0 || data.isLibrary(frame) || data.isRest(frame))
			return colours.library;
		return colours.boxes[hash(data.frames.file[frame] ||
					  data.frames.function[frame])];
	}

	/* How much a box changed, from -1 to 1. */
	function changeOf(box) {
		const most = Math.max(old.before[box], old.after[box]);

		return most ? (old.after[box] - old.before[box]) / most : 0;
	}

	function fill(b, x, y, w) {
		if (!old) {
			pen.fillStyle = colourOf(b.box);
			pen.fillRect(x, y, w, ROW - 1);
			return;
		}
		const change = changeOf(b.box);

		pen.fillStyle = colours.library;
		pen.fillRect(x, y, w, ROW - 1);
		pen.globalAlpha = Math.min(1, Math.abs(change)) * 0.9;
		pen.fillStyle = change > 0 ? colours.grew : colours.shrank;
		pen.fillRect(x, y, w, ROW - 1);
		pen.globalAlpha = 1;
	}

	function label(box) {
		const title = flameTree.title(tree, box, true);

		if (!old)
			return title;
		return `${names.change(options.metric, old.after[box] -
			old.before[box])}  ${title}`;
	}

	/* The text that fits, beginning where the box can be seen. */
	function write(b, x, y, w) {
		const left = Math.max(x, 0);
		const room = Math.floor(
			(Math.min(x + w, canvas.clientWidth) - left - 6) /
			LETTER);
		let text = room >= 3 ? label(b.box) : "";

		if (!text)
			return;
		if (text.length > room)
			text = `${text.slice(0, room - 1)}\u2026`;
		pen.fillStyle = colours.text;
		pen.fillText(text, left + 3, y + ROW - 6);
	}

	function topOf(depth) {
		return options.flames ? (rows - 1 - depth) * ROW : depth * ROW;
	}

	function drawBox(b, width) {
		const scale = width / (view.to - view.from);
		const x = b.isAbove || b.box === focus ? 0 :
			(b.x - view.from) * scale;
		const w = b.isAbove || b.box === focus ? width : b.w * scale;
		const shown = Math.max(w - 1, 0.5);
		const y = topOf(b.depth);

		b.left = x;
		b.right = x + w;
		pen.globalAlpha = 1;
		fill(b, x, y, shown);
		if (options.isHit) {
			const hit = options.isHit(tree, b.box);

			if (!hit) {
				pen.globalAlpha = 0.62;
				pen.fillStyle = colours.back;
				pen.fillRect(x, y, shown, ROW - 1);
				pen.globalAlpha = 1;
			} else {
				pen.fillStyle = colours.hit;
				pen.fillRect(x, y + ROW - 4, shown, 3);
			}
		}
		write(b, x, y, shown);
		if (b.box === current) {
			pen.strokeStyle = colours.accent;
			pen.lineWidth = 2;
			pen.strokeRect(Math.max(x, 0) + 1, y + 1,
				       Math.max(Math.min(shown, width) - 2, 1),
				       ROW - 3);
		}
	}

	/* An empty canvas; a new one costs more than all boxes. */
	function clear(width, height) {
		const dots = window.devicePixelRatio || 1;
		const across = Math.round(width * dots);
		const down = Math.round(height * dots);

		pen.clearRect(0, 0, width, height);
		if (canvas.width === across && canvas.height === down)
			return;
		canvas.width = across;
		canvas.height = down;
		canvas.style.width = `${width}px`;
		canvas.style.height = `${height}px`;
		pen.setTransform(dots, 0, 0, dots, 0, 0);
		pen.font = "11px ui-monospace, 'DejaVu Sans Mono', monospace";
	}

	function draw() {
		const width = Math.max(holder.clientWidth, 100);

		if (!tree)
			return;
		lay(width);
		clear(width, Math.max(rows, 3) * ROW + 1);
		for (const b of boxes)
			drawBox(b, width);
		if (!boxes.length) {
			pen.fillStyle = colours.quiet;
			pen.fillText("nothing of that", 10, ROW);
		}
	}

	function at(event) {
		const area = canvas.getBoundingClientRect();
		const x = event.clientX - area.left;
		const y = event.clientY - area.top;

		return boxes.find((b) => x >= b.left && x < b.right &&
			y >= topOf(b.depth) && y < topOf(b.depth) + ROW);
	}

	function moveTo(box) {
		current = box;
		draw();
		whenMoved(box);
	}

	/* Into sight, when keys moved it. */
	function reveal() {
		const b = boxes.find((other) => other.box === current);

		if (!b)
			return;
		const y = topOf(b.depth);
		if (y < holder.scrollTop)
			holder.scrollTop = y;
		if (y + ROW > holder.scrollTop + holder.clientHeight)
			holder.scrollTop = y + ROW - holder.clientHeight;
	}

	function focusOn(box) {
		focus = box;
		view = { from: 0, to: 1 };
		moveTo(box);
		holder.scrollTop = options.flames ? holder.scrollHeight : 0;
		reveal();
	}

	/* By a factor, around a place between 0 and 1 of what is seen. */
	function zoom(factor, around) {
		const size = Math.min(1, (view.to - view.from) / factor);
		const centre = view.from + (view.to - view.from) * around;
		const from = Math.min(Math.max(
			centre - size * around, 0), 1 - size);

		view = { from, to: from + size };
		draw();
	}

	function shift(part) {
		const size = view.to - view.from;
		const from = Math.min(Math.max(
			view.from + size * part, 0), 1 - size);

		view = { from, to: from + size };
		draw();
	}

	function centreOfCurrent() {
		const b = boxes.find((other) => other.box === current);
		const middle = b ? (b.left + b.right) / 2 / canvas.clientWidth :
			0.5;

		return Math.min(Math.max(middle, 0), 1);
	}

	function sibling(step) {
		const row = sorted(tree.children[tree.parent[current]], 0);
		const next = row[row.indexOf(current) + step];

		return current && next !== undefined ? next : current;
	}

	function inwards() {
		const next = sorted(tree.children[current], 0)[0];

		return next === undefined ? current : next;
	}

	function outwards() {
		return current ? tree.parent[current] : 0;
	}

	const keys = {
		ArrowUp: () => moveTo(options.flames ? inwards() : outwards()),
		ArrowDown: () => moveTo(options.flames ? outwards() :
			inwards()),
		ArrowLeft: () => moveTo(sibling(-1)),
		ArrowRight: () => moveTo(sibling(1)),
		Home: () => moveTo(0),
		Enter: () => focusOn(current),
		Backspace: () => focusOn(tree.parent[focus]),
		Escape: () => focusOn(0),
		"+": () => zoom(1.5, centreOfCurrent()),
		"-": () => zoom(1 / 1.5, centreOfCurrent()),
		"<": () => shift(-0.2),
		">": () => shift(0.2),
	};

	function onKey(event) {
		if (!keys[event.key] || event.ctrlKey || event.metaKey)
			return;
		event.preventDefault();
		keys[event.key]();
		reveal();
	}

	function onWheel(event) {
		if (!event.ctrlKey && !event.shiftKey)
			return;
		event.preventDefault();
		if (event.shiftKey)
			shift(Math.sign(event.deltaY || event.deltaX) * 0.1);
		else
			zoom(event.deltaY < 0 ? 1.25 : 0.8,
			     event.offsetX / canvas.clientWidth);
	}

	function onMove(event, whenOver) {
		const b = at(event);

		canvas.style.cursor = b ? "pointer" : "default";
		whenOver(b ? b.box : -1, event);
	}

	function start(handlers) {
		whenMoved = handlers.moved;
		readColours();
		canvas.addEventListener("keydown", onKey);
		canvas.addEventListener("wheel", onWheel, { passive: false });
		canvas.addEventListener("click", (event) => {
			const b = at(event);

			if (b)
				focusOn(b.box);
		});
		canvas.addEventListener("mousemove", (event) =>
			onMove(event, handlers.over));
		canvas.addEventListener("mouseleave", (event) =>
			handlers.over(-1, event));
		new ResizeObserver(draw).observe(holder);
	}

	/* Of the same tree the reader stays where he is. */
	function show(figures, chosen) {
		const other = flameTree.of(chosen);
		const isTurned = !options || options.flames !== chosen.flames;

		options = chosen;
		if (other !== tree) {
			current = focus = 0;
			view = { from: 0, to: 1 };
		}
		tree = other;
		list = flameTree.sums(tree, figures);
		old = chosen.sides && {
			before: flameTree.sums(tree, chosen.sides[0]),
			after: flameTree.sums(tree, chosen.sides[1]),
		};
		if (!list[focus])
			current = focus = 0;
		draw();
		if (isTurned)
			holder.scrollTop = chosen.flames ? holder.scrollHeight :
				0;
		whenMoved(current);
	}

	/* What a box is, for who tells about it. */
	function describe(box) {
		return {
			frame: flameTree.frameOf(tree, box),
			title: flameTree.title(tree, box, false),
			value: list[box], all: list[0],
			own: flameTree.own(tree, list, box),
			before: old && old.before[box],
			after: old && old.after[box],
		};
	}

	/* What all stacks have that pass a box that is looked for. */
	function found() {
		const hits = new Uint8Array(list.length);
		let sum = 0;

		for (let i = 1; i < list.length; i++) {
			hits[i] = hits[tree.parent[i]];
			if (hits[i] || !options.isHit(tree, i))
				continue;
			hits[i] = 1;
			sum += list[i];
		}
		return sum;
	}

	function recolour() {
		readColours();
		draw();
	}

	return { start, show, describe, found, recolour, zoom, focusOn,
		 centreOfCurrent, boxes: () => boxes };
})();
