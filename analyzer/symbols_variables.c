/*
 * symbols_variables - see symbols_variables.h.
 *
 * Files may lie: entries are only followed forwards, depths have a limit, and
 * so has the number of entries.
 */
#include "analyzer/symbols_variables.h"

#include <dwarf.h>
#include <stdlib.h>

#include "trace/xmalloc.h"

enum {
	DEPTH = 24, /* of entries within entries */
	ENTRIES = 8 << 20, /* looked at; some seconds */
};

struct walk {
	struct symbols_variables *all;
	size_t entries;
};

void symbols_variables_release(struct symbols_variables *all)
{
	free(all->items);
}

/* An address, or an offset that is pushed before what makes it local. */
static bool read_location(Dwarf_Die *die, struct symbols_declaration *d)
{
	Dwarf_Attribute attribute;
	Dwarf_Op *ops;
	size_t count;

	if (!dwarf_attr(die, DW_AT_location, &attribute) ||
	    dwarf_getlocation(&attribute, &ops, &count) != 0)
		return false;
	if (count == 1 && ops[0].atom == DW_OP_addr) {
		d->addr = ops[0].number;
		return true;
	}
	d->is_local =
		count == 2 &&
		(ops[1].atom == DW_OP_GNU_push_tls_address ||
		 ops[1].atom == DW_OP_form_tls_address) &&
		(ops[0].atom == DW_OP_const8u || ops[0].atom == DW_OP_const4u);
	d->addr = d->is_local ? ops[0].number : 0;
	return d->is_local;
}

static uint64_t size_of(Dwarf_Die *die)
{
	const uint64_t pointer = 8;
	Dwarf_Attribute attribute;
	Dwarf_Die type;
	Dwarf_Word size;

	if (!dwarf_attr_integrate(die, DW_AT_type, &attribute) ||
	    !dwarf_formref_die(&attribute, &type) ||
	    dwarf_aggregate_size(&type, &size) != 0)
		return pointer;
	return size;
}

static void add(struct walk *w, Dwarf_Die *die)
{
	struct symbols_variables *all = w->all;
	struct symbols_declaration d = { 0 };
	int line;

	if (!read_location(die, &d) || dwarf_decl_line(die, &line) != 0 ||
	    line <= 0)
		return;
	d.file = dwarf_decl_file(die);
	if (!d.file)
		return;
	d.line = (uint32_t)line;
	d.size = size_of(die);
	all->items = xgrow(all->items, &all->room, all->count + 1,
			   sizeof(*all->items));
	all->items[all->count++] = d;
}

/* May variables that last be declared within it? */
static bool is_holder(int tag)
{
	switch (tag) {
	case DW_TAG_namespace:
	case DW_TAG_subprogram:
	case DW_TAG_lexical_block:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_module:
		return true;
	default:
		return false;
	}
}

static void walk(struct walk *w, Dwarf_Die *head)
{
	Dwarf_Die path[DEPTH];
	int depth = 0;
	bool more = dwarf_child(head, &path[0]) == 0;

	while (more && w->entries++ < ENTRIES) {
		int tag = dwarf_tag(&path[depth]);

		if (tag == DW_TAG_variable)
			add(w, &path[depth]);
		if (is_holder(tag) && depth + 1 < DEPTH &&
		    dwarf_child(&path[depth], &path[depth + 1]) == 0) {
			depth++;
			continue;
		}
		while (depth >= 0 &&
		       dwarf_siblingof(&path[depth], &path[depth]) != 0)
			depth--;
		more = depth >= 0;
	}
}

static int compare(const void *a, const void *b)
{
	const struct symbols_declaration *x = a, *y = b;

	if (x->is_local != y->is_local)
		return x->is_local ? 1 : -1;
	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static void read_all(struct symbols_variables *all, Dwarf *dwarf)
{
	struct walk w = { .all = all };
	Dwarf_CU *cu = NULL;
	Dwarf_Die head, split;
	uint8_t type;

	all->is_read = true;
	while (dwarf_get_units(dwarf, cu, &cu, NULL, &type, &head, &split) == 0)
		walk(&w, type == DW_UT_skeleton && split.cu ? &split : &head);
	if (all->count)
		qsort(all->items, all->count, sizeof(*all->items), compare);
}

const struct symbols_declaration *
symbols_variables_find(struct symbols_variables *all, Dwarf *dwarf,
		       uint64_t addr, bool is_local)
{
	const struct symbols_declaration wanted = { .addr = addr,
						    .is_local = is_local };
	size_t low = 0, high;

	if (!all->is_read)
		read_all(all, dwarf);
	high = all->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (compare(&all->items[middle], &wanted) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (!low || all->items[low - 1].is_local != is_local ||
	    addr - all->items[low - 1].addr >= all->items[low - 1].size)
		return NULL;
	return &all->items[low - 1];
}
