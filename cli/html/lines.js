/*
 * lines - the table of lines that allocated, with their source.
 *
 * A line is a place of stacks (analyzer/query.h): their figures are added up
 * here, so the table follows range and metric as the flame graph does.
 */
const lines = (() => {
	const PAGE = 50;
	const table = names.by("table");
	const more = names.by("more");
	const open = new Set();
	let limit = PAGE;
	let sort = null; /* a column, or null: the metric */
	let last = null;

	/* Stacks of one line have one key, whatever function they are of. */
	function keyOf(frame) {
		const { file, line, module } = data.frames;

		return file[frame] && line[frame] && !data.isRest(frame) ?
			`${file[frame]} ${line[frame]} ${
				data.isDiff ? "" : module[frame]}` :
			`frame ${frame}`;
	}

	const rowOf = new Uint32Array(data.stacks.count);
	const frames = data.isDiff ? data.lines.map((l) => l[0]) : [];

	function numberStacks() {
		const keys = new Map();

		data.stacks.place.forEach((frame, stack) => {
			const key = keyOf(frame);

			if (!keys.has(key)) {
				keys.set(key, frames.length);
				frames.push(frame);
			}
			rowOf[stack] = keys.get(key);
		});
	}

	if (!data.isDiff)
		numberStacks();

	const sources = new Map(data.sources.map(
		([frame, first, ...text]) => [keyOf(frame), { first, text }]));

	function sourceOf(row) {
		return sources.get(keyOf(frames[row]));
	}

	function addUp(figures) {
		const list = new Float64Array(frames.length);

		for (let s = 0; s < figures.length; s++)
			list[rowOf[s]] += figures[s];
		return list;
	}

	/* Columns: what they are called, the metric, a figure a row. */
	function columnsOf(state) {
		const made = [];
		const add = (title, list, isChange) => made.push(
			{ title, metric: state.metric, list, isChange });

		if (data.isDiff) {
			const at = 1 + data.metrics.indexOf(state.metric);
			const a = data.lines.map((l) => l[at]);
			const b = data.lines.map((l) => l[
				at + data.metrics.length]);

			add("change", a.map((v, i) => b[i] - v), true);
			add("before", a);
			add("after", b);
			return made;
		}
		for (const metric of values.metrics(state.range))
			made.push({ title: metric, metric, list: addUp(
				values.of(metric, state.range)) });
		made.sort((a, b) => (b.metric === state.metric) -
			(a.metric === state.metric));
		return made;
	}

	function chosenColumn(columns) {
		return columns.find((c) => c.title === sort) || columns[0];
	}

	function matches(row, isFound) {
		return !isFound || isFound(frames[row]);
	}

	function order(columns, state) {
		const by = chosenColumn(columns);
		const rows = [];

		for (let i = 0; i < frames.length; i++)
			if (columns.some((c) => c.list[i]) &&
			    matches(i, state.isFound))
				rows.push(i);
		return rows.sort((a, b) => Math.abs(by.list[b]) -
			Math.abs(by.list[a]) || a - b);
	}

	function headOf(columns) {
		const row = names.element("tr", {},
			names.element("th", { class: "place", scope: "col" },
				      "line"));

		for (const column of columns) {
			const button = names.element("button", { type:
				"button" }, column.title);
			const cell = names.element("th", { scope: "col" },
						   button);

			button.addEventListener("click", () => {
				sort = column.title;
				show(last);
			});
			if (column === chosenColumn(columns))
				cell.setAttribute("aria-sort", "descending");
			row.append(cell);
		}
		return names.element("thead", {}, row);
	}

	function placeOf(row) {
		const frame = frames[row];
		const source = sourceOf(row);
		const name = data.text(data.functions.brief[
			data.frames.function[frame]]);
		const cell = names.element("td", { class: "place" });
		const where = data.isRest(frame) ? "" : data.where(frame);
		const parts = [names.foreign(name), names.element("br"),
			names.element("span", { class: "code" },
				      names.foreign(where))];
		const text = source && source.text[
			data.frames.line[frame] - source.first];

		if (!source) {
			cell.append(...parts);
			return cell;
		}
		const button = names.element("button", { type: "button",
			"aria-expanded": open.has(row) }, ...parts);
		button.addEventListener("click", () => {
			open.has(row) ? open.delete(row) : open.add(row);
			show(last);
			table.querySelector(`[data-row="${row}"] button`)
				?.focus();
		});
		cell.append(button);
		if (text && !open.has(row))
			cell.append(names.element("pre", {}, text.trim()));
		return cell;
	}

	function sourceRow(row, columns) {
		const { first, text } = sourceOf(row);
		const here = data.frames.line[frames[row]];
		const cell = names.element("td", { class: "source",
			colspan: columns.length + 1 });

		text.forEach((line, i) => {
			if (line === null && first + i !== here)
				return;
			const shown = `${String(first + i).padStart(6)}  ${
				line === null ? "(no text)" : line}`;

			cell.append(names.element("span", { class:
				first + i === here ? "here" : "" },
				names.foreign(shown)), "\n");
		});
		return names.element("tr", {}, cell);
	}

	function rowElement(row, columns) {
		const made = names.element("tr", { "data-row": row },
					   placeOf(row));

		columns.forEach((column, i) => {
			const n = column.list[row];
			const cell = names.element("td", {}, column.isChange ?
				names.change(column.metric, n) :
				names.amount(column.metric, n));

			if (!i) {
				const sum = column.whole || 1;

				cell.className = "chosen";
				cell.style.backgroundSize = `${Math.min(100,
					100 * Math.abs(n) / sum)}% 100%`;
			}
			made.append(cell);
		});
		return made;
	}

	function show(state) {
		const columns = columnsOf(state);
		const rows = order(columns, state);
		const body = names.element("tbody");

		last = state;
		columns[0].whole = columns[0].list.reduce(
			(sum, n) => sum + Math.abs(n), 0);
		for (const row of rows.slice(0, limit)) {
			body.append(rowElement(row, columns));
			if (open.has(row))
				body.append(sourceRow(row, columns));
		}
		table.replaceChildren(headOf(columns), body);
		more.hidden = rows.length <= limit;
		names.by("table-note").textContent = `${names.count(
			rows.length)} line${rows.length === 1 ? "" : "s"}${
			state.isFound ? " found" : ""}`;
	}

	more.addEventListener("click", () => {
		limit += 4 * PAGE;
		show(last);
	});

	return { show };
})();
