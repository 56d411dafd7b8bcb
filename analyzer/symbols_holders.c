/*
 * Design
 * ------
 * The entries of a unit are nested, and so are their offsets in the file: a
 * table of ranges of offsets answers what an entry stands in. It is made only
 * for units in which a linkage name was missed.
 */
#include "analyzer/symbols_holders.h"

#include <dwarf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/symbols_walk.h"
#include "trace/xmalloc.h"

enum {
	NAME_PARTS = 16, /* of a qualified name */
	ORIGINS = 16, /* references from an entry to the one that names it */
};

/* Part of the names of what it holds. */
struct symbols_holder {
	Dwarf_Die die;
	uint32_t outer; /* the holder around it, or SYMBOLS_NO_SCOPE */
	size_t depth;
};

void symbols_holders_init(struct symbols_holders *all)
{
	*all = (struct symbols_holders){ 0 };
	spans_init(&all->spans);
}

void symbols_holders_release(struct symbols_holders *all)
{
	spans_release(&all->spans);
	free(all->items);
}

static void close_holders(struct symbols_holders *all, uint32_t *open,
			  size_t depth, Dwarf_Off end)
{
	while (*open != SYMBOLS_NO_SCOPE && all->items[*open].depth >= depth) {
		struct symbols_holder *h = &all->items[*open];

		spans_add(&all->spans, dwarf_dieoffset(&h->die), end, *open);
		*open = h->outer;
	}
}

static bool names_parts(int tag)
{
	return tag != DW_TAG_lexical_block && tag != DW_TAG_try_block &&
	       tag != DW_TAG_catch_block && tag != DW_TAG_inlined_subroutine;
}

static void read_holders(struct symbols_holders *all, Dwarf_Die *root)
{
	uint32_t open = SYMBOLS_NO_SCOPE;
	struct symbols_walk w;
	bool enters;

	all->is_read = true;
	for (bool more = symbols_walk_begin(&w, root); more;
	     more = symbols_walk_next(&w, enters ? SYMBOLS_NO_SCOPE
						 : SYMBOLS_WALK_SKIP)) {
		struct symbols_level *l = symbols_walk_current(&w);
		int tag = dwarf_tag(&l->die);

		close_holders(all, &open, w.depth, dwarf_dieoffset(&l->die));
		enters = symbols_walk_holds_code(tag);
		if (!enters || !names_parts(tag))
			continue;
		all->items = xgrow(all->items, &all->room, all->count + 1,
				   sizeof(*all->items));
		all->items[all->count] = (struct symbols_holder){
			.die = l->die, .outer = open, .depth = w.depth
		};
		open = (uint32_t)all->count++;
	}
	close_holders(all, &open, 0, UINT64_MAX);
	spans_finish(&all->spans);
}

Dwarf_Die symbols_holders_declaration(Dwarf_Die die)
{
	Dwarf_Attribute attr;
	Dwarf_Die next;

	for (int i = 0; i < ORIGINS; i++) {
		if (!dwarf_attr(&die, DW_AT_abstract_origin, &attr) &&
		    !dwarf_attr(&die, DW_AT_specification, &attr))
			break;
		if (!dwarf_formref_die(&attr, &next))
			break;
		die = next;
	}
	return die;
}

/* As demanglers write it: gcc calls the class of a lambda "<lambda(int)>". */
static void append_part(char *text, size_t size, Dwarf_Die *die)
{
	const char *name = dwarf_diename(die);
	size_t used = strlen(text);
	size_t length = name ? strlen(name) : 0;
	int line = 0;

	text += used;
	size -= used;
	if (length > 2 && name[0] == '<' && name[length - 1] == '>') {
		snprintf(text, size, "{%.*s}::", (int)(length - 2), name + 1);
	} else if (length) {
		snprintf(text, size, "%s::", name);
	} else if (dwarf_tag(die) == DW_TAG_namespace) {
		snprintf(text, size, "(anonymous namespace)::");
	} else {
		dwarf_decl_line(die, &line);
		snprintf(text, size, "{unnamed:%d}::", line);
	}
}

bool symbols_holders_name(struct symbols_holders *all, Dwarf_Die *root,
			  Dwarf_Die *decl, char *text, size_t size)
{
	const char *name = dwarf_diename(decl);
	uint32_t parts[NAME_PARTS], holder;
	size_t count = 0;

	if (!name)
		return false;
	if (!all->is_read)
		read_holders(all, root);
	holder = spans_find(&all->spans, dwarf_dieoffset(decl));
	if (holder != SPANS_NONE && all->items[holder].die.addr == decl->addr)
		holder = all->items[holder].outer;
	for (; holder != SYMBOLS_NO_SCOPE && count < NAME_PARTS;
	     holder = all->items[holder].outer)
		parts[count++] = holder;
	text[0] = '\0';
	while (count--)
		append_part(text, size, &all->items[parts[count]].die);
	if (strlen(text) + strlen(name) >= size)
		return false;
	strcat(text, name);
	return true;
}
