/*
 * symbols_walk - the entries of a unit that may hold code; see symbols_walk.h.
 *
 * A sibling reference in a broken file may lead back; what does not lie behind
 * everything visited ends its level.
 */
#include "analyzer/symbols_walk.h"

#include <dwarf.h>

bool symbols_walk_begin(struct symbols_walk *w, Dwarf_Die *root)
{
	w->last = dwarf_dieoffset(root);
	w->depth = dwarf_child(root, &w->levels[0].die) == 0;
	w->levels[0].scope = SYMBOLS_NO_SCOPE;
	return w->depth;
}

struct symbols_level *symbols_walk_current(struct symbols_walk *w)
{
	return &w->levels[w->depth - 1];
}

static bool enter(struct symbols_walk *w, uint32_t scope)
{
	struct symbols_level *l = symbols_walk_current(w);

	if (w->depth == SYMBOLS_WALK_DEPTH ||
	    dwarf_child(&l->die, &l[1].die) != 0)
		return false;
	l[1].scope = scope;
	w->depth++;
	return true;
}

bool symbols_walk_next(struct symbols_walk *w, uint32_t scope)
{
	Dwarf_Die next;

	w->last = dwarf_dieoffset(&symbols_walk_current(w)->die);
	if (scope != SYMBOLS_WALK_SKIP && enter(w, scope))
		return true;
	for (; w->depth; w->depth--) {
		if (dwarf_siblingof(&symbols_walk_current(w)->die, &next) !=
			    0 ||
		    dwarf_dieoffset(&next) <= w->last)
			continue;
		symbols_walk_current(w)->die = next;
		return true;
	}
	return false;
}

bool symbols_walk_holds_code(int tag)
{
	switch (tag) {
	case DW_TAG_subprogram:
	case DW_TAG_inlined_subroutine:
	case DW_TAG_lexical_block:
	case DW_TAG_namespace:
	case DW_TAG_module:
	case DW_TAG_class_type:
	case DW_TAG_structure_type:
	case DW_TAG_union_type:
	case DW_TAG_enumeration_type:
	case DW_TAG_try_block:
	case DW_TAG_catch_block:
	case DW_TAG_with_stmt:
		return true;
	default:
		return false;
	}
}
