/*
 * flameTree - the tree that a flame graph draws.
 *
 * How calls are put together to boxes depends on what the reader wants to see;
 * each such tree is made once. Figures are put on it as often as the metric or
 * the range changes, which costs a pass over stacks and one over boxes.
 */
const flameTree = (() => {
	const made = new Map();

	function create() {
		const tree = { parent: [0], key: [-1], children: [[]], index:
			new Map(), stack: new Uint32Array(data.stacks.count) };

		return tree;
	}

	/* Keys are below a million: web.h bounds them. */
	function childOf(tree, parent, key) {
		const name = parent * 4194304 + key;
		let node = tree.index.get(name);

		if (node !== undefined)
			return node;
		node = tree.parent.length;
		tree.index.set(name, node);
		tree.parent.push(parent);
		tree.key.push(key);
		tree.children.push([]);
		tree.children[parent].push(node);
		return node;
	}

	function keyOf(frame, options) {
		return options.lines ? frame : data.frames.function[frame];
	}

	function isShown(frame, options) {
		return !options.hide || !data.isLibrary(frame);
	}

	function callersFirst(tree, options) {
		const { parent, frame } = data.nodes;
		const box = new Uint32Array(parent.length);

		for (let i = 1; i < parent.length; i++)
			box[i] = isShown(frame[i], options) ?
				childOf(tree, box[parent[i]],
					keyOf(frame[i], options)) :
				box[parent[i]];
		for (let s = 0; s < data.stacks.count; s++)
			tree.stack[s] = box[data.stacks.node[s]];
	}

	function calleesFirst(tree, options) {
		const { parent, frame } = data.nodes;

		for (let s = 0; s < data.stacks.count; s++) {
			let box = 0;

			for (let n = data.stacks.node[s]; n; n = parent[n])
				if (isShown(frame[n], options))
					box = childOf(tree, box, keyOf(
						frame[n], options));
			tree.stack[s] = box;
		}
	}

	function of(options) {
		const name = [options.inverted, options.hide,
			      options.lines].join();

		if (made.has(name))
			return made.get(name);
		const tree = create();
		if (options.inverted)
			calleesFirst(tree, options);
		else
			callersFirst(tree, options);
		tree.lines = options.lines;
		made.set(name, tree);
		return tree;
	}

	/* What each box has, from what each stack has. */
	function sums(tree, figures) {
		const list = new Float64Array(tree.parent.length);

		for (let s = 0; s < figures.length; s++)
			list[tree.stack[s]] += figures[s];
		for (let i = list.length - 1; i > 0; i--)
			list[tree.parent[i]] += list[i];
		return list;
	}

	/* What a box's stacks have that end there. */
	function own(tree, list, box) {
		return tree.children[box].reduce(
			(left, child) => left - list[child], list[box]);
	}

	/* A frame for what a box shows; -1 for the root. */
	const frameOfFunction = new Int32Array(data.functions.name.length);
	for (let i = data.frames.function.length; i--;)
		frameOfFunction[data.frames.function[i]] = i;

	function frameOf(tree, box) {
		if (!box)
			return -1;
		return tree.lines ? tree.key[box] :
			frameOfFunction[tree.key[box]];
	}

	function title(tree, box, isBrief) {
		const frame = frameOf(tree, box);

		if (frame < 0)
			return "all";
		const f = data.frames.function[frame];
		const name = data.text((isBrief ? data.functions.brief :
			data.functions.name)[f]);
		return tree.lines && data.frames.line[frame] ?
			`${name}:${data.frames.line[frame]}` : name;
	}

	/* Frames of a lot of stacks are libraries' alone: then show them. */
	function mayHide(figures) {
		const tree = of({ inverted: false, hide: true, lines: false });
		let seen = 0;

		for (let s = 0; s < figures.length; s++)
			seen += tree.stack[s] ? figures[s] : 0;
		return seen * 2 >= values.sum(figures);
	}

	return { of, sums, own, frameOf, title, mayHide };
})();
