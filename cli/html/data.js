/*
 * data - what the report's writer put into the page, as arrays.
 *
 * Functions, frames, nodes and stacks are numbers; cli/web.h says what stands
 * in their tables.
 */
const data = (() => {
	const raw = JSON.parse(names.by("data").textContent);
	const LIBRARY = 1;
	const REST = 2;

	/* Column `column` of a table that is `width` wide. */
	function columnOf(list, width, column) {
		const made = new Uint32Array(list.length / width);

		for (let i = 0; i < made.length; i++)
			made[i] = list[i * width + column];
		return made;
	}

	const functions = {
		name: columnOf(raw.functions, 4, 0),
		module: columnOf(raw.functions, 4, 1),
		brief: columnOf(raw.functions, 4, 2),
		flags: columnOf(raw.functions, 4, 3),
	};
	const frames = {
		function: columnOf(raw.frames, 4, 0),
		file: columnOf(raw.frames, 4, 1),
		line: columnOf(raw.frames, 4, 2),
		module: columnOf(raw.frames, 4, 3),
	};
	const nodes = {
		parent: columnOf(raw.nodes, 2, 0),
		frame: columnOf(raw.nodes, 2, 1),
	};
	const count = raw.stacks.length;
	const sides = raw.traces.length;
	const stacks = {
		count,
		node: Uint32Array.from(raw.stacks, (s) => s[0]),
		place: Uint32Array.from(raw.stacks, (s) => s[1]),
	};

	/* By side and metric, a figure a stack. */
	const values = raw.traces.map((_, side) => raw.metrics.map(
		(__, metric) => Float64Array.from(raw.stacks, (s) =>
			s[2 + side * raw.metrics.length + metric])));

	/* Sums up to each edge of the slices, stack by stack. */
	function addUp(edges) {
		const sums = {};
		const kinds = ["calls", "allocated", "freed", "temporary"];

		for (const kind of kinds)
			sums[kind] = new Float64Array(count * edges);
		raw.slices.of.forEach((list, stack) => {
			const at = stack * edges;
			let edge = 1;

			for (let i = 0; i < list.length; i += 5) {
				edge += list[i];
				kinds.forEach((kind, k) => {
					sums[kind][at + edge] =
						list[i + 1 + k];
				});
			}
			for (const kind of kinds)
				for (let e = 1; e < edges; e++)
					sums[kind][at + e] +=
						sums[kind][at + e - 1];
		});
		return sums;
	}

	const slices = raw.slices ? {
		times: raw.slices.times,
		edges: raw.slices.times.length,
		base: raw.slices.base,
		sums: addUp(raw.slices.times.length),
	} : null;

	function text(number) {
		return raw.texts[number];
	}

	function isLibrary(frame) {
		return (functions.flags[frames.function[frame]] & LIBRARY) !== 0;
	}

	function isRest(frame) {
		return (functions.flags[frames.function[frame]] & REST) !== 0;
	}

	/* "src/parse.c:12", or the module. */
	function where(frame) {
		const file = text(frames.file[frame]);
		const line = frames.line[frame];

		if (!file)
			return text(frames.module[frame]);
		return line ? `${file}:${line}` : file;
	}

	return {
		memprof: raw.memprof, metrics: raw.metrics, sort: raw.sort,
		kind: raw.kind, filter: raw.where, traces: raw.traces,
		sources: raw.sources, lines: raw.lines,
		linesInAll: raw.lines_in_all, stacksInAll: raw.stacks_in_all,
		stacksKept: raw.stacks_kept, noSlices: raw.no_slices,
		isDiff: sides > 1,
		functions, frames, nodes, stacks, values, slices, text, isLibrary,
		isRest, where,
	};
})();
