/*
 * Design
 * ------
 * symbols*.c are the only files that know libdw.
 *
 * Every module has a Dwfl of its own, in which it stands at address zero, so
 * that addresses of the trace can be looked up as they are. libdwfl finds
 * separate debug files by build-id and debuglink, dwz's common file, and asks
 * debuginfod when the user has set DEBUGINFOD_URLS.
 *
 * Units that nobody asks for are never read; which unit holds an address comes
 * from the units' heads, because clang and rustc write no .debug_aranges.
 *
 * Files may lie: every result of libdw is checked, entries are only followed
 * forwards, depths have limits, and only regular files of a bounded size are
 * opened.
 */
#include "analyzer/symbols.h"

#include <dwarf.h>
#include <elfutils/libdw.h>
#include <elfutils/libdwfl.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analyzer/places.h"
#include "analyzer/spans.h"
#include "analyzer/symbols_download.h"
#include "analyzer/symbols_unit.h"
#include "analyzer/symbols_variables.h"
#include "analyzer/symbols_walk.h"
#include "trace/xmalloc.h"

enum {
	NAME_MAX_LENGTH = 2048, /* bytes of a qualified name */
};

static const off_t FILE_MAX = (off_t)16 << 30;

struct module {
	enum symbols_state state;
	const char *path; /* absolute */
	Dwfl *dwfl;
	Dwfl_Module *dwfl_module;
	Dwarf *dwarf;
	Dwarf_Addr dwarf_bias;
	struct symbols_unit *units;
	size_t unit_count, unit_room;
	struct spans unit_spans;
	struct symbols_variables variables;
	bool has_elf_names;
	struct spans elf_spans;
	const char **elf_names; /* borrowed from libelf */
	size_t elf_count, elf_room;
};

struct symbols {
	struct symbols_options options;
	struct functions functions;
	struct symbols_download download;
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
	for (size_t i = 0; i < m->unit_count; i++)
		symbols_unit_release(&m->units[i]);
	free(m->units);
	spans_release(&m->unit_spans);
	symbols_variables_release(&m->variables);
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

static enum symbols_state report_file(struct symbols *s,
				      const struct model_module *mm,
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
	if (s->options.quick && places_is_wrapper_module(mm->path))
		return SYMBOLS_NAMES;
	symbols_download_watch(&s->download, m->dwfl, m->path);
	m->dwarf = dwfl_module_getdwarf(m->dwfl_module, &m->dwarf_bias);
	return m->dwarf ? SYMBOLS_LINES : SYMBOLS_NAMES;
}

static void add_unit(struct module *m, uint8_t type, Dwarf_Die *head,
		     const Dwarf_Die *split)
{
	bool is_split = type == DW_UT_skeleton && split->cu;

	if (type == DW_UT_skeleton && !is_split)
		m->state = SYMBOLS_SPLIT;
	if (type != DW_UT_compile && type != DW_UT_skeleton)
		return;
	m->units = xgrow(m->units, &m->unit_room, m->unit_count + 1,
			 sizeof(*m->units));
	symbols_unit_init(&m->units[m->unit_count], head,
			  is_split ? split : NULL);
	symbols_unit_add_ranges(&m->unit_spans, head,
				(uint32_t)m->unit_count++);
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
		add_unit(m, type, &head, &split);
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
	m->state = report_file(s, mm, m, fd);
	if (m->state == SYMBOLS_LINES)
		list_units(m);
	return m;
}

bool symbols_gave_up(const struct symbols *s)
{
	return s->download.gave_up;
}

void symbols_on_download(void (*tell)(const char *path, uint64_t done,
				      uint64_t total))
{
	symbols_download_tell(tell);
}

enum symbols_state symbols_open_state(struct symbols *s, uint32_t module)
{
	if (module >= s->options.count)
		return SYMBOLS_NO_FILE;
	return open_module(s, module)->state;
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

void symbols_set_name(struct symbols *s, struct symbol *out,
		      const char *linkage)
{
	if (!linkage || !*linkage)
		return;
	out->linkage = names_intern(s->options.names, linkage);
	out->name = functions_name(&s->functions, out->linkage);
}

static void set_position(struct symbols *s, struct symbol *out,
			 const struct symbols_position *p)
{
	if (!p->file[0])
		return;
	out->file = names_intern(s->options.names, p->file);
	out->line = p->line;
}

/* An address of a module's file, and the unit that it is in. */
struct spot {
	struct module *module;
	struct symbols_unit *unit;
	uint64_t addr;
};

static bool has_dwarf(const struct module *m)
{
	return m->state == SYMBOLS_LINES || m->state == SYMBOLS_SPLIT;
}

/* For a function of a mangling language without a linkage name in DWARF. */
static const char *elf_linkage_name(const struct spot *at, uint32_t scope)
{
	const char *name;

	if (!symbols_unit_mangles(at->unit) ||
	    symbols_unit_outer(at->unit, scope) != SYMBOLS_NO_SCOPE)
		return NULL;
	name = elf_name_at(at->module, at->addr);
	return name && name[0] == '_' ? name : NULL;
}

/*
 * Link-time optimisation takes functions out of their units; the declarations
 * stay.
 */
static const char *source_name(const struct spot *at, uint32_t scope,
			       char *room, size_t size)
{
	Dwarf_Die decl = symbols_unit_declaration(at->unit, scope);
	struct symbols_unit *u = at->unit;

	for (size_t i = 0; u->tree.cu != decl.cu; i++) {
		if (i == at->module->unit_count)
			return dwarf_diename(&decl);
		u = &at->module->units[i];
	}
	return symbols_unit_source_name(u, &decl, room, size);
}

/* The linkage name says most; what was not inlined may have one in ELF only. */
static void set_scope_name(struct symbols *s, struct symbol *out,
			   const struct spot *at, uint32_t scope)
{
	const char *name = symbols_unit_linkage_name(at->unit, scope);
	char room[NAME_MAX_LENGTH];

	if (!name)
		name = elf_linkage_name(at, scope);
	if (!name)
		name = source_name(at, scope, room, sizeof(room));
	symbols_set_name(s, out, name);
}

static size_t dwarf_at(struct symbols *s, const struct spot *at,
		       struct symbol *out)
{
	struct symbols_unit *u = at->unit;
	Dwarf_Addr addr = at->addr - at->module->dwarf_bias;
	uint32_t scope = symbols_unit_scope(u, addr);
	struct symbols_position p;
	size_t count = 0;

	symbols_unit_line(u, addr, &p);
	if (scope == SYMBOLS_NO_SCOPE) {
		set_position(s, &out[0], &p);
		symbols_set_name(s, &out[0], elf_name_at(at->module, at->addr));
		return 1;
	}
	for (; scope != SYMBOLS_NO_SCOPE && count < SYMBOLS_DEPTH; count++) {
		out[count] = (struct symbol){ 0 };
		set_position(s, &out[count], &p);
		set_scope_name(s, &out[count], at, scope);
		symbols_unit_call(u, scope, &p);
		scope = symbols_unit_outer(u, scope);
	}
	return count;
}

/* What a function keeps to itself is numbered: "cache.0". */
static size_t length_of(const char *name)
{
	const char *dot = strrchr(name, '.');

	if (!dot || dot == name || !dot[1] ||
	    dot[1 + strspn(dot + 1, "0123456789")])
		return strlen(name);
	return (size_t)(dot - name);
}

/* What lies in memory. Gives the name, NULL unknown. */
static const char *find_global(const struct module *m, uint64_t addr)
{
	GElf_Off offset;
	GElf_Sym sym;
	const char *name = dwfl_module_addrinfo(m->dwfl_module, addr, &offset,
						&sym, NULL, NULL, NULL);

	if (!name || GELF_ST_TYPE(sym.st_info) != STT_OBJECT ||
	    offset >= sym.st_size)
		return NULL;
	return name;
}

/* The same for what each thread has. */
static const char *find_local(const struct module *m, uint64_t offset)
{
	int count = dwfl_module_getsymtab(m->dwfl_module);
	GElf_Sym sym;

	for (int i = 1; i < count; i++) {
		const char *name =
			dwfl_module_getsym(m->dwfl_module, i, &sym, NULL);

		if (name && GELF_ST_TYPE(sym.st_info) == STT_TLS &&
		    sym.st_shndx != SHN_UNDEF &&
		    offset - sym.st_value < sym.st_size)
			return name;
	}
	return NULL;
}

static void find_declaration(struct symbols *s, struct module *m, uint64_t addr,
			     bool local, struct symbol *out)
{
	const struct symbols_declaration *d = symbols_variables_find(
		&m->variables, m->dwarf, local ? addr : addr - m->dwarf_bias,
		local);

	if (!d)
		return;
	out->file = names_intern(s->options.names, d->file);
	out->line = d->line;
}

bool symbols_variable(struct symbols *s, uint32_t module, uint64_t addr,
		      bool local, struct symbol *out)
{
	const char *name;
	char *text;
	struct module *m;

	*out = (struct symbol){ 0 };
	if (module >= s->options.count)
		return false;
	m = open_module(s, module);
	if (!has_dwarf(m) && m->state != SYMBOLS_NAMES)
		return false;
	name = local ? find_local(m, addr) : find_global(m, addr);
	if (!name)
		return false;
	text = xmemdup(name, length_of(name));
	symbols_set_name(s, out, text);
	free(text);
	if (has_dwarf(m))
		find_declaration(s, m, addr, local, out);
	return true;
}

bool symbols_extent(struct symbols *s, uint32_t module, uint64_t addr,
		    size_t place, uint32_t lines[2])
{
	struct symbols_unit *u;
	struct module *m;
	uint32_t unit, scope;

	if (module >= s->options.count)
		return false;
	m = open_module(s, module);
	addr -= m->dwarf_bias;
	unit = spans_find(&m->unit_spans, addr);
	if (!has_dwarf(m) || unit == SPANS_NONE)
		return false;
	u = &m->units[unit];
	scope = symbols_unit_scope(u, addr);
	while (scope != SYMBOLS_NO_SCOPE && place--)
		scope = symbols_unit_outer(u, scope);
	return scope != SYMBOLS_NO_SCOPE &&
	       symbols_unit_extent(u, scope, lines);
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
	if (!has_dwarf(m) && m->state != SYMBOLS_NAMES)
		return 1;
	unit = spans_find(&m->unit_spans, addr - m->dwarf_bias);
	if (unit == SPANS_NONE) {
		symbols_set_name(s, &out[0], elf_name_at(m, addr));
		return 1;
	}
	return dwarf_at(s, &(struct spot){ m, &m->units[unit], addr }, out);
}
