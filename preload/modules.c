/*
 * modules - see modules.h.
 *
 * The table only holds modules whose code has been on a stack. An entry is
 * announced in the ring before it is put in, so that no record refers to a
 * module that the collector has not heard of. Who changes the table holds
 * local.modules_busy; who finds it held does without: nobody waits.
 *
 * dlclose is the one loader call that is wrapped. Until it has returned and
 * the table has been checked, no rule is taken from the table of rules.
 */
#include "preload/modules.h"
#include "preload/agent.h"
#include "preload/python.h"
#include "preload/record.h"
#include "preload/rule.h"

#include <elf.h>
#include <link.h>
#include <string.h>

enum {
	MODULES = 4096,
	PATH_BYTES = 4096,
	BUILD_ID_BYTES = 64,
	PAYLOAD_WORDS =
		(sizeof(struct ring_module) + BUILD_ID_BYTES + PATH_BYTES) / 8,
};

struct entry {
	struct module module;
	uintptr_t table; /* as the loader says it */
};

static struct entry entries[MODULES];
static _Atomic uint32_t entry_count;

/* One announcement under way at a time: only who holds modules_busy. */
static union {
	struct ring_module head;
	uint8_t bytes[PAYLOAD_WORDS * 8];
} payload;

/* The program headers, when they lie in the first page as they always do. */
static const ElfW(Phdr) * headers_of(const struct module *m, size_t *count)
{
	const ElfW(Ehdr) *elf = (const ElfW(Ehdr) *)m->start;
	const size_t page = 4096;

	*count = 0;
	if (memcmp(elf->e_ident, ELFMAG, SELFMAG) != 0 ||
	    elf->e_phentsize != sizeof(ElfW(Phdr)) || elf->e_phoff > page ||
	    elf->e_phnum > (page - elf->e_phoff) / sizeof(ElfW(Phdr)))
		return NULL;
	*count = elf->e_phnum;
	return (const ElfW(Phdr) *)(m->start + elf->e_phoff);
}

/* Narrow the bounds of reading to the segment that the table lies in. */
static void find_segment(struct module *m)
{
	size_t count;
	const ElfW(Phdr) *header = headers_of(m, &count);

	m->low = m->high = 0;
	for (size_t i = 0; i < count; i++) {
		uintptr_t start = m->bias + header[i].p_vaddr;

		if (header[i].p_type != PT_LOAD ||
		    !(header[i].p_flags & PF_R) || m->table < start ||
		    m->table - start >= header[i].p_filesz)
			continue;
		m->low = start;
		m->high = start + header[i].p_filesz;
	}
	if (m->high > m->end)
		m->table = 0;
}

static const uint8_t *build_id_in(uintptr_t at, size_t size, size_t *length)
{
	while (size >= sizeof(ElfW(Nhdr))) {
		const ElfW(Nhdr) *note = (const ElfW(Nhdr) *)at;
		size_t name = (note->n_namesz + 3UL) & ~3UL;
		size_t desc = (note->n_descsz + 3UL) & ~3UL;

		if (name + desc > size - sizeof(*note))
			break;
		if (note->n_type == NT_GNU_BUILD_ID && note->n_namesz == 4 &&
		    !memcmp(note + 1, "GNU", 4) &&
		    note->n_descsz <= BUILD_ID_BYTES) {
			*length = note->n_descsz;
			return (const uint8_t *)(note + 1) + name;
		}
		at += sizeof(*note) + name + desc;
		size -= sizeof(*note) + name + desc;
	}
	return NULL;
}

static const uint8_t *build_id_of(const struct module *m, size_t *length)
{
	size_t count;
	const ElfW(Phdr) *header = headers_of(m, &count);

	*length = 0;
	for (size_t i = 0; i < count; i++) {
		uintptr_t at = m->bias + header[i].p_vaddr;
		const uint8_t *id;

		if (header[i].p_type != PT_NOTE || at < m->start ||
		    at > m->end || header[i].p_filesz > m->end - at)
			continue;
		id = build_id_in(at, header[i].p_filesz, length);
		if (id)
			return id;
	}
	return NULL;
}

static uint32_t flags_of(const struct module *m, const char *name)
{
	uint32_t flags = name == agent.exe ? RING_MODULE_PROGRAM : 0;

	if ((uintptr_t)&agent >= m->start && (uintptr_t)&agent < m->end)
		flags |= RING_MODULE_AGENT;
	return flags;
}

static void announce(struct thread *t, const struct module *m, const char *name)
{
	size_t id_size, name_size = strlen(name);
	const uint8_t *id = build_id_of(m, &id_size);

	if (name_size > PATH_BYTES)
		name_size = 0;
	payload.head = (struct ring_module){
		.start = m->start,
		.end = m->end,
		.bias = m->bias,
		.build_id_size = (uint16_t)id_size,
		.path_size = (uint16_t)name_size,
		.flags = flags_of(m, name),
	};
	if (id)
		memcpy(payload.bytes + sizeof(payload.head), id, id_size);
	memcpy(payload.bytes + sizeof(payload.head) + id_size, name, name_size);
	record_payload(t, RING_MODULE, 0, payload.bytes,
		       sizeof(payload.head) + id_size + name_size);
}

static bool look_up(uintptr_t pc, struct module *m, const char **name)
{
	struct dl_find_object found;

	if (_dl_find_object((void *)pc, &found) != 0)
		return false;
	*m = (struct module){
		.start = (uintptr_t)found.dlfo_map_start,
		.end = (uintptr_t)found.dlfo_map_end,
		.bias = found.dlfo_link_map->l_addr,
		.table = (uintptr_t)found.dlfo_eh_frame,
	};
	*name = found.dlfo_link_map->l_name;
	if (!**name)
		*name = agent.exe;
	find_segment(m);
	return true;
}

static bool hold(void)
{
	/* Acquire and release: the table is as its last holder left it. */
	return !atomic_exchange_explicit(&agent.local->modules_busy, 1,
					 memory_order_acquire);
}

static void let_go(void)
{
	atomic_store_explicit(&agent.local->modules_busy, 0,
			      memory_order_release);
}

/* The entry that starts where `m` does, or the first free one. */
static struct entry *entry_of(const struct module *m)
{
	/* Acquire: entries below the count are filled in. */
	uint32_t n = atomic_load_explicit(&entry_count, memory_order_acquire);
	struct entry *free = n < MODULES ? &entries[n] : NULL;

	for (uint32_t i = 0; i < n; i++) {
		if (entries[i].module.start == m->start)
			return &entries[i];
		if (!entries[i].module.start)
			free = &entries[i];
	}
	return free;
}

static uintptr_t table_of(uintptr_t addr)
{
	struct dl_find_object found;

	if (_dl_find_object((void *)addr, &found) != 0)
		return 0;
	return (uintptr_t)found.dlfo_eh_frame;
}

static void add(const struct module *m, const char *name)
{
	struct thread *t = record_thread();
	struct entry *entry;

	if (!t || !hold())
		return;
	entry = entry_of(m);
	if (entry && entry->module.start != m->start) {
		announce(t, m, name);
		entry->table = table_of(m->start);
		entry->module = *m;
		if (entry == &entries[entry_count])
			atomic_fetch_add_explicit(&entry_count, 1,
						  memory_order_release);
		python_meet(m->start);
	}
	let_go();
}

bool modules_find(uintptr_t pc, struct module *m)
{
	const char *name;
	struct entry *entry;

	if (!look_up(pc, m, &name))
		return false;
	entry = entry_of(m);
	if (!entry || entry->module.start != m->start)
		add(m, name);
	return true;
}

void modules_restart(void)
{
	uint32_t n = atomic_load_explicit(&entry_count, memory_order_relaxed);

	for (uint32_t i = 0; i < n; i++)
		entries[i].module.start = 0;
	atomic_store_explicit(&entry_count, 0, memory_order_relaxed);
}

uint32_t modules_unload_begin(void)
{
	atomic_fetch_add_explicit(&agent.local->unloading, 1,
				  memory_order_seq_cst);
	return atomic_load_explicit(&agent.detached, memory_order_relaxed);
}

/* Told without a look at the module, which others may be unloading. */
static bool is_gone(const struct entry *entry)
{
	struct dl_find_object now;

	return _dl_find_object((void *)entry->module.start, &now) != 0 ||
	       (uintptr_t)now.dlfo_map_start != entry->module.start ||
	       (uintptr_t)now.dlfo_map_end != entry->module.end ||
	       (uintptr_t)now.dlfo_eh_frame != entry->table;
}

static void forget(struct thread *t, struct entry *entry)
{
	uintptr_t start = entry->module.start;

	record_payload(t, RING_MODULE_GONE, start, NULL, 0);
	rule_forget(start, entry->module.end);
	entry->module.start = 0;
	atomic_fetch_add_explicit(&agent.local->modules_gone, 1,
				  memory_order_relaxed);
}

void modules_unload_end(struct thread *t, uint32_t begun)
{
	uint32_t n = atomic_load_explicit(&entry_count, memory_order_acquire);

	if (t && hold()) {
		for (uint32_t i = 0; i < n; i++) {
			if (entries[i].module.start && is_gone(&entries[i]))
				forget(t, &entries[i]);
		}
		let_go();
	}
	/* Another attachment has begun since, and counts its own. */
	if (atomic_load_explicit(&agent.detached, memory_order_relaxed) ==
	    begun)
		atomic_fetch_sub_explicit(&agent.local->unloading, 1,
					  memory_order_seq_cst);
}
