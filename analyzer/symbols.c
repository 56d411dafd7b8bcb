/*
 * symbols - the only file that knows libdw.
 *
 * Design
 * ------
 * Every module has a Dwfl of its own, in which it stands at address zero, so
 * that addresses of the trace can be looked up as they are. libdwfl finds
 * separate debug files by build-id and debuglink, dwz's common file, and asks
 * debuginfod when the user has set DEBUGINFOD_URLS.
 *
 * A compilation unit is read when an address in it is first asked for: its
 * tree is walked once, and what has code (functions and what was inlined into
 * them) goes into a table of address ranges. A chain of inlined frames is then
 * followed by the tree's own parents, never by ranges, because ranges of
 * folded or broken functions may overlap. Units that nobody asks for are never
 * read; which unit holds an address comes from the units' heads, because
 * clang and rustc write no .debug_aranges.
 *
 * Files may lie: every result of libdw is checked, DIEs are only followed
 * forwards, depths have limits, and only regular files of a bounded size are
 * opened.
 */
#include "analyzer/symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/paths.h"
#include "analyzer/spans.h"
#include "trace/xmalloc.h"

enum {
	TREE_DEPTH = 256, /* of DIEs */
	NAME_PARTS = 16, /* of a qualified name */
	ORIGINS = 16, /* references from a DIE to the one that names it */
	NO_SCOPE = UINT32_MAX,
	SKIP = UINT32_MAX - 1,
};

static const off_t FILE_MAX = (off_t)16 << 30;

/* A function, or what was inlined at one place. */
struct scope {
	Dwarf_Die die;
	uint32_t parent; /* the scope it was inlined into, or NO_SCOPE */
};

/* A namespace, class or function: part of the names of what it holds. */
struct holder {
	Dwarf_Die die;
	uint32_t outer; /* the holder around it, or NO_SCOPE */
	size_t depth;
};

struct unit {
	Dwarf_Die head; /* has the line table */
	Dwarf_Die tree; /* the same, or the unit in a split file */
	struct scope *scopes;
	size_t scope_count, scope_room;
	struct spans spans;
	bool is_read;
	struct holder *holders;
	size_t holder_count, holder_room;
	struct spans holder_spans; /* by offset of DIEs */
	bool has_holders;
};

struct module {
	enum symbols_state state;
	const char *path; /* absolute */
	Dwfl *dwfl;
	Dwfl_Module *dwfl_module;
	Dwarf *dwarf;
	Dwarf_Addr dwarf_bias;
	struct unit *units;
	size_t unit_count, unit_room;
	struct spans unit_spans;
	bool has_elf_names;
	struct spans elf_spans;
	const char **elf_names; /* borrowed from libelf */
	size_t elf_count, elf_room;
};

struct symbols {
	struct symbols_options options;
	struct functions functions;
	struct module *modules;
};

struct symbols *symbols_open(const struct symbols_options *o)
{
	struct symbols *s = arena_alloc(o->arena, 1, sizeof(*s));

	s->options = *o;
	s->modules = arena_alloc(o->arena, o->count + 1, sizeof(*s->modules));
	functions_init(&s->functions, o->names);
	return s;
}

static void release_module(struct module *m)
{
	for (size_t i = 0; i < m->unit_count; i++) {
		spans_release(&m->units[i].spans);
		free(m->units[i].scopes);
		spans_release(&m->units[i].holder_spans);
		free(m->units[i].holders);
	}
	free(m->units);
	spans_release(&m->unit_spans);
	spans_release(&m->elf_spans);
	free(m->elf_names);
	if (m->dwfl)
		dwfl_end(m->dwfl);
}

void symbols_close(struct symbols *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->options.count; i++)
		release_module(&s->modules[i]);
	functions_release(&s->functions);
}

enum symbols_state symbols_state(const struct symbols *s, uint32_t module)
{
	if (module >= s->options.count)
		return SYMBOLS_NO_FILE;
	return s->modules[module].state;
}

/*
 * Opening
 */

static int find_no_elf(Dwfl_Module *mod, void **data, const char *name,
		       Dwarf_Addr base, char **file, Elf **elf)
{
	(void)mod, (void)data, (void)name, (void)base, (void)file, (void)elf;
	return -1;
}

static int find_debug(Dwfl_Module *mod, void **data, const char *name,
		      Dwarf_Addr base, const char *file, const char *link,
		      GElf_Word crc, char **debug_file)
{
	int fd = dwfl_standard_find_debuginfo(mod, data, name, base, file, link,
					      crc, debug_file);
	struct stat st;

	if (fd < 0)
		return fd;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= FILE_MAX)
		return fd;
	close(fd);
	return -1;
}

static const Dwfl_Callbacks callbacks = {
	.find_elf = find_no_elf,
	.find_debuginfo = find_debug,
};

static bool is_later(const struct stat *st, uint64_t ns)
{
	uint64_t seconds = ns / 1000000000;

	return ns && st->st_mtim.tv_sec > 0 &&
	       (uint64_t)st->st_mtim.tv_sec > seconds;
}

/* NULL for what is no file, as the kernel's own "linux-vdso.so.1". */
static const char *path_of(const struct symbols *s,
			   const struct model_module *mm)
{
	const char *cwd = s->options.cwd;
	size_t length;
	char *path;

	if (!mm->path || mm->path[0] == '/')
		return mm->path;
	if (!strchr(mm->path, '/') || !cwd || cwd[0] != '/')
		return NULL;
	length = strlen(cwd);
	path = arena_alloc(s->options.arena, length + strlen(mm->path) + 2, 1);
	memcpy(path, cwd, length);
	path[length] = '/';
	strcpy(path + length + 1, mm->path);
	return path;
}

/* The file's descriptor, or -1 with the state set. */
static int open_file(const struct symbols *s, const struct model_module *mm,
		     struct module *m)
{
	/* O_NONBLOCK: the path may have become a FIFO. */
	int fd = open(m->path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	struct stat st;

	if (fd < 0) {
		m->state = errno == ENOENT || errno == ENOTDIR
				   ? SYMBOLS_MISSING
				   : SYMBOLS_UNREADABLE;
		return -1;
	}
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		m->state = SYMBOLS_UNREADABLE;
	else if (!mm->build_id_size && is_later(&st, s->options.run_end))
		m->state = SYMBOLS_CHANGED;
	else
		return fd;
	close(fd);
	return -1;
}

static bool is_same_build(Dwfl_Module *mod, const struct model_module *mm)
{
	const unsigned char *bits = NULL;
	GElf_Addr addr;
	int size = dwfl_module_build_id(mod, &bits, &addr);

	if (!mm->build_id_size)
		return true;
	return size > 0 && (uint32_t)size == mm->build_id_size &&
	       memcmp(bits, mm->build_id, mm->build_id_size) == 0;
}

static enum symbols_state report_file(const struct model_module *mm,
				      struct module *m, int fd)
{
	m->dwfl = dwfl_begin(&callbacks);
	if (!m->dwfl) {
		close(fd);
		return SYMBOLS_UNREADABLE;
	}
	dwfl_report_begin(m->dwfl);
	m->dwfl_module =
		dwfl_report_elf(m->dwfl, m->path, m->path, fd, 0, true);
	if (!m->dwfl_module) {
		close(fd);
		return SYMBOLS_UNREADABLE;
	}
	if (dwfl_report_end(m->dwfl, NULL, NULL) != 0)
		return SYMBOLS_UNREADABLE;
	if (!is_same_build(m->dwfl_module, mm))
		return SYMBOLS_CHANGED;
	m->dwarf = dwfl_module_getdwarf(m->dwfl_module, &m->dwarf_bias);
	return m->dwarf ? SYMBOLS_LINES : SYMBOLS_NAMES;
}

static void add_ranges(struct spans *spans, Dwarf_Die *die, uint32_t value)
{
	Dwarf_Addr base, start, end;
	ptrdiff_t offset = 0;

	while ((offset = dwarf_ranges(die, offset, &base, &start, &end)) > 0)
		spans_add(spans, start, end, value);
}

static void add_unit(struct module *m, Dwarf_CU *cu, uint8_t type,
		     Dwarf_Die *head, Dwarf_Die *split)
{
	struct unit *u;

	if (type != DW_UT_compile && type != DW_UT_skeleton)
		return;
	m->units = xgrow(m->units, &m->unit_room, m->unit_count + 1,
			 sizeof(*m->units));
	u = &m->units[m->unit_count];
	*u = (struct unit){ .head = *head, .tree = *head };
	if (type == DW_UT_skeleton && split && split->cu)
		u->tree = *split;
	(void)cu;
	add_ranges(&m->unit_spans, head, (uint32_t)m->unit_count++);
}

/* Units whose heads name no addresses: by .debug_aranges, if there are any. */
static void add_aranges(struct module *m)
{
	Dwarf_Aranges *aranges;
	Dwarf_Addr start;
	Dwarf_Word size;
	Dwarf_Off offset;
	Dwarf_Die die;
	size_t count;

	if (dwarf_getaranges(m->dwarf, &aranges, &count) != 0)
		return;
	for (size_t i = 0; i < count; i++) {
		Dwarf_Arange *a = dwarf_onearange(aranges, i);

		if (!a || dwarf_getarangeinfo(a, &start, &size, &offset) != 0 ||
		    !dwarf_offdie(m->dwarf, offset, &die))
			continue;
		for (size_t u = 0; u < m->unit_count; u++)
			if (m->units[u].head.addr == die.addr)
				spans_add(&m->unit_spans, start, start + size,
					  (uint32_t)u);
	}
}

static void list_units(struct module *m)
{
	Dwarf_CU *cu = NULL;
	Dwarf_Die head, split;
	uint8_t type;

	while (dwarf_get_units(m->dwarf, cu, &cu, NULL, &type, &head, &split) ==
	       0)
		add_unit(m, cu, type, &head, &split);
	if (!m->unit_spans.count)
		add_aranges(m);
	spans_finish(&m->unit_spans);
}

static struct module *open_module(struct symbols *s, uint32_t number)
{
	const struct model_module *mm = &s->options.modules[number];
	struct module *m = &s->modules[number];
	int fd;

	if (m->state != SYMBOLS_UNUSED)
		return m;
	m->state = SYMBOLS_NO_FILE;
	m->path = path_of(s, mm);
	if (s->options.off || !m->path)
		return m;
	fd = open_file(s, mm, m);
	if (fd < 0)
		return m;
	m->state = report_file(mm, m, fd);
	if (m->state == SYMBOLS_LINES)
		list_units(m);
	return m;
}

/*
 * Reading a unit
 */

struct level {
	Dwarf_Die die;
	uint32_t scope; /* around it */
};

static bool may_hold_code(int tag)
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

/* The scope that the children of `die` are in. */
static uint32_t add_scope(struct unit *u, Dwarf_Die *die, uint32_t around)
{
	int tag = dwarf_tag(die);
	size_t before = u->spans.count;
	uint32_t number = (uint32_t)u->scope_count;

	if (tag != DW_TAG_subprogram && tag != DW_TAG_inlined_subroutine)
		return around;
	add_ranges(&u->spans, die, number);
	if (u->spans.count == before)
		return tag == DW_TAG_subprogram ? NO_SCOPE : around;
	u->scopes = xgrow(u->scopes, &u->scope_room, u->scope_count + 1,
			  sizeof(*u->scopes));
	u->scopes[u->scope_count++] = (struct scope){
		.die = *die,
		.parent = tag == DW_TAG_subprogram ? NO_SCOPE : around,
	};
	return number;
}

/*
 * A walk over the DIEs that may hold code, in order of the file: offsets only
 * grow, whatever the file says, so it ends.
 */
struct walk {
	struct level levels[TREE_DEPTH];
	size_t depth;
	Dwarf_Off last;
};

static bool walk_begin(struct walk *w, Dwarf_Die *root)
{
	w->last = dwarf_dieoffset(root);
	w->depth = dwarf_child(root, &w->levels[0].die) == 0;
	w->levels[0].scope = NO_SCOPE;
	return w->depth;
}

static struct level *walk_current(struct walk *w)
{
	return &w->levels[w->depth - 1];
}

static bool walk_enter(struct walk *w, uint32_t scope)
{
	struct level *l = walk_current(w);

	if (w->depth == TREE_DEPTH || dwarf_child(&l->die, &l[1].die) != 0)
		return false;
	l[1].scope = scope;
	w->depth++;
	return true;
}

/* Into the children, which are in `scope`, unless that is SKIP. */
static bool walk_next(struct walk *w, uint32_t scope)
{
	Dwarf_Die next;

	w->last = dwarf_dieoffset(&walk_current(w)->die);
	if (scope != SKIP && walk_enter(w, scope))
		return true;
	for (; w->depth; w->depth--) {
		if (dwarf_siblingof(&walk_current(w)->die, &next) != 0 ||
		    dwarf_dieoffset(&next) <= w->last)
			continue;
		walk_current(w)->die = next;
		return true;
	}
	return false;
}

static void read_tree(struct unit *u)
{
	struct walk w;
	uint32_t inner = SKIP;

	for (bool more = walk_begin(&w, &u->tree); more;
	     more = walk_next(&w, inner)) {
		struct level *l = walk_current(&w);

		inner = SKIP;
		if (may_hold_code(dwarf_tag(&l->die)))
			inner = add_scope(u, &l->die, l->scope);
	}
}

static void read_unit(struct unit *u)
{
	if (u->is_read)
		return;
	u->is_read = true;
	read_tree(u);
	spans_finish(&u->spans);
}

/*
 * Qualified names, for compilers that leave out the linkage name: gcc does for
 * lambdas and constructors that were inlined.
 */

static void close_holders(struct unit *u, uint32_t *open, size_t depth,
			  Dwarf_Off end)
{
	while (*open != NO_SCOPE && u->holders[*open].depth >= depth) {
		struct holder *h = &u->holders[*open];

		spans_add(&u->holder_spans, dwarf_dieoffset(&h->die), end,
			  *open);
		*open = h->outer;
	}
}

static bool names_parts(int tag)
{
	return tag != DW_TAG_lexical_block && tag != DW_TAG_try_block &&
	       tag != DW_TAG_catch_block && tag != DW_TAG_inlined_subroutine;
}

static void read_holders(struct unit *u)
{
	uint32_t open = NO_SCOPE;
	struct walk w;
	bool enters;

	u->has_holders = true;
	for (bool more = walk_begin(&w, &u->tree); more;
	     more = walk_next(&w, enters ? NO_SCOPE : SKIP)) {
		struct level *l = walk_current(&w);
		int tag = dwarf_tag(&l->die);

		close_holders(u, &open, w.depth, dwarf_dieoffset(&l->die));
		enters = may_hold_code(tag);
		if (!enters || !names_parts(tag))
			continue;
		u->holders = xgrow(u->holders, &u->holder_room,
				   u->holder_count + 1, sizeof(*u->holders));
		u->holders[u->holder_count] = (struct holder){
			.die = l->die, .outer = open, .depth = w.depth
		};
		open = (uint32_t)u->holder_count++;
	}
	close_holders(u, &open, 0, UINT64_MAX);
	spans_finish(&u->holder_spans);
}

/* The DIE that declares what `die` is an instance of. */
static Dwarf_Die declaration_of(Dwarf_Die die)
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

/* "geometry::shape::area" for the DIE of area; interned, NULL unknown. */
static const char *qualified_name(struct symbols *s, struct unit *u,
				  Dwarf_Die *die)
{
	Dwarf_Die decl = declaration_of(*die);
	uint32_t parts[NAME_PARTS], holder;
	size_t count = 0;
	char text[2048] = "";
	const char *name = dwarf_diename(&decl);

	if (!u->has_holders)
		read_holders(u);
	if (!name || decl.cu != u->tree.cu)
		return name;
	holder = spans_find(&u->holder_spans, dwarf_dieoffset(&decl));
	if (holder != NO_SCOPE && u->holders[holder].die.addr == decl.addr)
		holder = u->holders[holder].outer;
	for (; holder != NO_SCOPE && count < NAME_PARTS;
	     holder = u->holders[holder].outer)
		parts[count++] = holder;
	while (count--)
		append_part(text, sizeof(text), &u->holders[parts[count]].die);
	if (strlen(text) + strlen(name) >= sizeof(text))
		return name;
	strcat(text, name);
	return names_intern(s->options.names, text);
}

static bool has_qualified_names(Dwarf_Die *unit)
{
	switch (dwarf_srclang(unit)) {
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

/*
 * Names of the ELF symbol table
 */

static void add_elf_name(struct module *m, const char *name,
			 const GElf_Sym *sym, GElf_Addr addr, GElf_Word section)
{
	int type = GELF_ST_TYPE(sym->st_info);

	if (!name || !*name || section == SHN_UNDEF || !sym->st_size)
		return;
	if (type != STT_FUNC && type != STT_GNU_IFUNC && type != STT_NOTYPE)
		return;
	if (addr > UINT64_MAX - sym->st_size)
		return;
	m->elf_names = xgrow(m->elf_names, &m->elf_room, m->elf_count + 1,
			     sizeof(*m->elf_names));
	m->elf_names[m->elf_count] = name;
	spans_add(&m->elf_spans, addr, addr + sym->st_size,
		  (uint32_t)m->elf_count++);
}

static void read_elf_names(struct module *m)
{
	int count = dwfl_module_getsymtab(m->dwfl_module);
	GElf_Word section;
	GElf_Addr addr;
	GElf_Sym sym;
	const char *name;

	m->has_elf_names = true;
	for (int i = 1; i < count; i++) {
		name = dwfl_module_getsym_info(m->dwfl_module, i, &sym, &addr,
					       &section, NULL, NULL);
		add_elf_name(m, name, &sym, addr, section);
	}
	spans_finish(&m->elf_spans);
}

static const char *elf_name_at(struct module *m, uint64_t addr)
{
	uint32_t found;

	if (!m->has_elf_names)
		read_elf_names(m);
	found = spans_find(&m->elf_spans, addr);
	return found == SPANS_NONE ? NULL : m->elf_names[found];
}

/*
 * Answering
 */

static const char *linkage_name(Dwarf_Die *die)
{
	Dwarf_Attribute attr;

	if (!dwarf_attr_integrate(die, DW_AT_linkage_name, &attr) &&
	    !dwarf_attr_integrate(die, DW_AT_MIPS_linkage_name, &attr))
		return NULL;
	return dwarf_formstring(&attr);
}

static void set_name(struct symbols *s, struct symbol *out, const char *name)
{
	if (name && *name)
		out->name = functions_name(&s->functions, name);
}

static void set_position(struct symbols *s, struct symbol *out, struct unit *u,
			 const char *file, uint32_t line)
{
	Dwarf_Attribute attr;
	const char *dir;
	char path[PATH_MAX];

	if (!file || !*file || strcmp(file, "???") == 0)
		return;
	dir = dwarf_formstring(dwarf_attr(&u->head, DW_AT_comp_dir, &attr));
	if (!paths_join(dir, file, path, sizeof(path)))
		return;
	out->file = names_intern(s->options.names, path);
	out->line = line;
}

static void set_line_at(struct symbols *s, struct symbol *out, struct unit *u,
			Dwarf_Addr addr)
{
	Dwarf_Line *line = dwarf_getsrc_die(&u->head, addr);
	int number = 0;

	if (!line || dwarf_lineno(line, &number) != 0 || number < 0)
		return;
	set_position(s, out, u, dwarf_linesrc(line, NULL, NULL),
		     (uint32_t)number);
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

/* Where the call stood that `scope` was inlined for. */
static void set_call(struct symbols *s, struct symbol *out, struct unit *u,
		     struct scope *scope)
{
	uint32_t file = attribute(&scope->die, DW_AT_call_file);
	Dwarf_Files *files;
	size_t count;

	if (dwarf_getsrcfiles(&u->tree, &files, &count) != 0 || file >= count)
		return;
	set_position(s, out, u, dwarf_filesrc(files, file, NULL, NULL),
		     attribute(&scope->die, DW_AT_call_line));
}

/*
 * The linkage name says most; without one, what was not inlined may have its
 * name in the symbol table.
 */
static const char *scope_name(struct symbols *s, struct module *m,
			      struct unit *u, struct scope *scope,
			      uint64_t addr)
{
	const char *name = linkage_name(&scope->die);

	if (name || !has_qualified_names(&u->head))
		return name ? name : dwarf_diename(&scope->die);
	if (scope->parent == NO_SCOPE)
		name = elf_name_at(m, addr);
	if (name && name[0] == '_')
		return name;
	return qualified_name(s, u, &scope->die);
}

static size_t dwarf_at(struct symbols *s, struct module *m, struct unit *u,
		       uint64_t addr, struct symbol *out)
{
	uint32_t number = spans_find(&u->spans, addr - m->dwarf_bias);
	struct scope *scope;
	size_t count = 1;

	set_line_at(s, &out[0], u, addr - m->dwarf_bias);
	if (number == NO_SCOPE)
		set_name(s, &out[0], elf_name_at(m, addr));
	while (number != NO_SCOPE) {
		scope = &u->scopes[number];
		set_name(s, &out[count - 1], scope_name(s, m, u, scope, addr));
		number = scope->parent;
		if (number == NO_SCOPE || count == SYMBOLS_DEPTH)
			break;
		out[count] = (struct symbol){ 0 };
		set_call(s, &out[count++], u, scope);
	}
	return count;
}

size_t symbols_at(struct symbols *s, uint32_t module, uint64_t addr,
		  struct symbol out[SYMBOLS_DEPTH])
{
	struct module *m;
	uint32_t unit;

	out[0] = (struct symbol){ 0 };
	if (module >= s->options.count)
		return 1;
	m = open_module(s, module);
	if (m->state != SYMBOLS_LINES && m->state != SYMBOLS_NAMES)
		return 1;
	unit = spans_find(&m->unit_spans, addr - m->dwarf_bias);
	if (unit == SPANS_NONE) {
		set_name(s, &out[0], elf_name_at(m, addr));
		return 1;
	}
	read_unit(&m->units[unit]);
	return dwarf_at(s, m, &m->units[unit], addr, out);
}
