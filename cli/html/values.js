/*
 * values - a figure for each stack, of the metric and the part of the run that
 * are chosen.
 *
 * Of a part of the run: live is what is so at its end, peak what was live when
 * most was, as far as slices tell, and grown what is live at its end and was
 * not at its start. All others are sums over it.
 */
const values = (() => {
	const slices = data.slices;
	const number = Object.fromEntries(data.metrics.map((m, i) => [m, i]));
	const run = data.traces[0].run;

	function whole(side, metric) {
		return data.values[side][number[metric]];
	}

	function liveAt(stack, edge) {
		const at = stack * slices.edges;
		const last = slices.edges - 1;
		const { allocated, freed } = slices.sums;

		if (edge === last)
			return whole(0, "live")[stack];
		return slices.base[stack] + allocated[at + edge] -
			freed[at + edge];
	}

	function mapStacks(of) {
		const list = new Float64Array(data.stacks.count);

		for (let stack = 0; stack < list.length; stack++)
			list[stack] = of(stack);
		return list;
	}

	function sum(list) {
		return list.reduce((a, b) => a + b, 0);
	}

	const liveTotals = [];
	if (slices)
		for (let edge = 0; edge < slices.edges; edge++)
			liveTotals.push(sum(mapStacks((s) => liveAt(s, edge))));

	function peakOf(range) {
		let highest = range.to;

		if (slices.times[range.from] <= run.peak_time &&
		    run.peak_time <= slices.times[range.to])
			return whole(0, "peak");
		for (let edge = range.from; edge <= range.to; edge++)
			if (liveTotals[edge] > liveTotals[highest])
				highest = edge;
		return mapStacks((stack) => liveAt(stack, highest));
	}

	function part(metric, range) {
		const sums = slices.sums[metric];

		if (metric === "live")
			return mapStacks((s) => liveAt(s, range.to));
		if (metric === "peak")
			return peakOf(range);
		if (metric === "grown")
			return mapStacks((s) => Math.max(
				0, liveAt(s, range.to) -
				liveAt(s, range.from)));
		return mapStacks((s) => sums[s * slices.edges + range.to] -
				 sums[s * slices.edges + range.from]);
	}

	/* Of all stacks; range is null, or the edges from and to. */
	function of(metric, range) {
		return range ? part(metric, range) : whole(0, metric);
	}

	function compared(metric, show) {
		const [a, b] = [whole(0, metric), whole(1, metric)];

		if (show === "before")
			return a;
		if (show === "after")
			return b;
		return mapStacks((s) => Math.max(
			0, show === "grown" ? b[s] - a[s] : a[s] - b[s]));
	}

	/* Metrics that there are of the whole run, or of a part. */
	function metrics(range) {
		if (!range)
			return data.metrics;
		/* What the collector freed has no slices. */
		return data.metrics.filter((m) => m !== "cyclic").map(
			(m) => (m === "leaked" ? "grown" : m));
	}

	return { of, whole, compared, metrics, sum };
})();
