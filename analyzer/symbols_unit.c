/*
 * symbols_unit - the functions and lines of one compilation unit; see
 * symbols_unit.h.
 */
#include "analyzer/symbols_unit.h"

#include <dwarf.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/paths.h"
#include "analyzer/symbols_walk.h"
#include "trace/xmalloc.h"

/* A function, or what was inlined at one place. */
struct symbols_scope {
	Dwarf_Die die;
	uint32_t parent; /* the scope it was inlined into */
};

void symbols_unit_init(struct symbols_unit *u, const Dwarf_Die *head,
		       const Dwarf_Die *split)
{
	*u = (struct symbols_unit){ .head = *head,
				    .tree = split ? *split : *head };
	spans_init(&u->spans);
	symbols_holders_init(&u->holders);
}

void symbols_unit_release(struct symbols_unit *u)
{
	spans_release(&u->spans);
	free(u->scopes);
	symbols_holders_release(&u->holders);
}

void symbols_unit_add_ranges(struct spans *spans, Dwarf_Die *die,
			     uint32_t value)
{
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0)
		spans_add(spans, start, end, value);
}

/* The scope that the children of `die` are in. */
static uint32_t add_scope(struct symbols_unit *u, Dwarf_Die *die,
			  uint32_t around)
{
	int tag = dwarf_tag(die);
	size_t before = u->spans.count;
	uint32_t number = (uint32_t)u->scope_count;

	if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
		return around;
	symbols_unit_add_ranges(&u->spans, die, number);
	if (u->spans.count == before)
		return tag == DW_TAG_subprogram ? SYMBOLS_NO_SCOPE : around;
	u->scopes = xgrow(u->scopes, &u->scope_room, u->scope_count + 1,
			  sizeof(*u->scopes));
	u->scopes[u->scope_count++] = (struct symbols_scope){
		.die = *die,
		.parent = tag == DW_TAG_subprogram ? SYMBOLS_NO_SCOPE : around,
	};
	return number;
}

static void read_tree(struct symbols_unit *u)
{
	struct symbols_walk w;
	uint32_t inner = SYMBOLS_WALK_SKIP;

	for (bool more = symbols_walk_begin(&w, &u->tree); more;
	     more = symbols_walk_next(&w, inner)) {
		struct symbols_level *l = symbols_walk_current(&w);

		inner = SYMBOLS_WALK_SKIP;
		if (symbols_walk_holds_code(dwarf_tag(&l->die)))
			inner = add_scope(u, &l->die, l->scope);
	}
}

bool symbols_unit_mangles(struct symbols_unit *u)
{
	switch (dwarf_srclang(&u->tree)) {
	case DW_LANG_C_plus_plus:
	case DW_LANG_C_plus_plus_03:
	case DW_LANG_C_plus_plus_11:
	case DW_LANG_C_plus_plus_14:
	case DW_LANG_D:
	case DW_LANG_Rust:
		return true;
	default:
		return false;
	}
}

uint32_t symbols_unit_scope(struct symbols_unit *u, Dwarf_Addr addr)
{
	if (!u->is_read) {
		u->is_read = true;
		read_tree(u);
		spans_finish(&u->spans);
	}
	return spans_find(&u->spans, addr);
}

uint32_t symbols_unit_outer(const struct symbols_unit *u, uint32_t scope)
{
	return u->scopes[scope].parent;
}

const char *symbols_unit_linkage_name(struct symbols_unit *u, uint32_t scope)
{
	Dwarf_Die *die = &u->scopes[scope].die;
	Dwarf_Attribute attr;

	if (!dwarf_attr_integrate(die, DW_AT_linkage_name, &attr) &&
	    !dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr))
		return NULL;
	return dwarf_formstring(&attr);
}

Dwarf_Die symbols_unit_declaration(const struct symbols_unit *u, uint32_t scope)
{
	return symbols_holders_declaration(u->scopes[scope].die);
}

const char *symbols_unit_source_name(struct symbols_unit *u, Dwarf_Die *decl,
				     char *room, size_t size)
{
	if (symbols_unit_mangles(u) &&
	    symbols_holders_name(&u->holders, &u->tree, decl, room, size))
		return room;
	return dwarf_diename(decl);
}

static void set_position(struct symbols_unit *u, struct symbols_position *p,
			 const char *file, uint32_t line)
{
	Dwarf_Attribute attr;
	const char *dir;

	if (!file || !*file || strcmp(file, "???") == 0)
		return;
	dir = dwarf_formstring(dwarf_attr(&u->head, DW_AT_comp_dir, &attr));
	if (paths_join(dir, file, p->file, sizeof(p->file)))
		p->line = line;
	else
		p->file[0] = '\0';
}

static void clear_position(struct symbols_position *p)
{
	p->file[0] = '\0';
	p->line = 0;
}

void symbols_unit_line(struct symbols_unit *u, Dwarf_Addr addr,
		       struct symbols_position *p)
{
	Dwarf_Line *line = dwarf_getsrc_die(&u->head, addr);
	int number = 0;

	clear_position(p);
	if (!line || dwarf_lineno(line, &number) != 0 || number < 0)
		return;
	set_position(u, p, dwarf_linesrc(line, NULL, NULL), (uint32_t)number);
}

static uint32_t attribute(Dwarf_Die *die, unsigned int name)
{
	Dwarf_Attribute attr;
	Dwarf_Word value;

	if (!dwarf_attr(die, name, &attr) ||
	    dwarf_formudata(&attr, &value) != 0 || value > UINT32_MAX)
		return 0;
	return (uint32_t)value;
}

void symbols_unit_call(struct symbols_unit *u, uint32_t scope,
		       struct symbols_position *p)
{
	Dwarf_Die *die = &u->scopes[scope].die;
	uint32_t file = attribute(die, DW_AT_call_file);
	Dwarf_Files *files;
	size_t count;

	clear_position(p);
	if (dwarf_getsrcfiles(&u->tree, &files, &count) != 0 || file >= count)
		return;
	set_position(u, p, dwarf_filesrc(files, file, NULL, NULL),
		     attribute(die, DW_AT_call_line));
}

/* The first line record at `addr` or behind, of those sorted by address. */
static size_t first_record(Dwarf_Lines *records, size_t count, Dwarf_Addr addr)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;
		Dwarf_Addr at = 0;

		dwarf_lineaddr(dwarf_onesrcline(records, middle), &at);
		if (at < addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Raises `*last` to the last line of `file` in a range of code. */
static void stretch(Dwarf_Lines *records, size_t count,
		    const Dwarf_Addr range[2], const char *file, uint32_t *last)
{
	for (size_t i = first_record(records, count, range[0]); i < count;
	     i++) {
		Dwarf_Line *record = dwarf_onesrcline(records, i);
		const char *source = dwarf_linesrc(record, NULL, NULL);
		Dwarf_Addr at;
		int number = 0;

		if (dwarf_lineaddr(record, &at) != 0 || at >= range[1])
			return;
		dwarf_lineno(record, &number);
		if (number > 0 && (uint32_t)number > *last && source &&
		    strcmp(source, file) == 0)
			*last = (uint32_t)number;
	}
}

bool symbols_unit_extent(struct symbols_unit *u, uint32_t scope,
			 uint32_t lines[2])
{
	Dwarf_Die *die = &u->scopes[scope].die;
	const char *file = dwarf_decl_file(die);
	Dwarf_Addr base, range[2];
	Dwarf_Lines *records;
	ptrdiff_t offset = 0;
	size_t count;
	int line;

	if (!file || dwarf_decl_line(die, &line) != 0 || line <= 0 ||
	    dwarf_getsrclines(&u->head, &records, &count) != 0)
		return false;
	lines[0] = lines[1] = (uint32_t)line;
	while ((offset = dwarf_ranges(die, offset, &base, &range[0],
				      &range[1])) > 0)
		stretch(records, count, range, file, &lines[1]);
	return true;
}
