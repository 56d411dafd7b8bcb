/*
 * attach_slots - the addresses that the loader has bound, module by module.
 *
 * A word is changed only when it holds what it should: the function that the
 * program's first search finds by that name, or, before the first call in a
 * module that is bound lazily, an address in that module's own linkage table.
 * What a program has bound otherwise (RTLD_DEEPBIND, its own pointers) stays.
 * So nothing need be remembered: to detach, each wrapper found is replaced by
 * its original, and modules may have come and gone.
 *
 * Much of this memory has been made read-only by the loader (RELRO); it is
 * made writable for the moment, a page at a time. Whether a word can be
 * written is asked of the kernel, by adding nothing to it: a program may have
 * protected more than its headers say.
 */
#include "preload/attach.h"
#include "preload/processor_x86_64.h"

#include <elf.h>
#include <link.h>
#include <linux/futex.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum {
	PAGE = 4096,
};

struct pass {
	bool put_in, asked;
	bool (*wanted)(void);
	struct attach_count count;
};

/* One module, whose every word may lie. */
struct view {
	struct pass *pass;
	const struct dl_phdr_info *info;
	uintptr_t low; /* first mapped address */
	const ElfW(Rela) * rela, *jump;
	size_t rela_size, jump_size; /* bytes */
	const ElfW(Sym) * symbols;
	const char *strings;
	size_t strings_size;
	uintptr_t page; /* the last that was asked for, 0 none */
	bool writable; /* it is now, */
	bool opened; /* by us */
};

static const ElfW(Phdr) *
	segment_of(const struct view *v, uint32_t type, uintptr_t addr)
{
	for (size_t i = 0; i < v->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &v->info->dlpi_phdr[i];

		if (header->p_type == type &&
		    addr - v->info->dlpi_addr - header->p_vaddr <
			    header->p_memsz)
			return header;
	}
	return NULL;
}

/* Can `size` bytes be read there? */
static bool holds(const struct view *v, const void *at, size_t size)
{
	uintptr_t addr = (uintptr_t)at;
	const ElfW(Phdr) *header = segment_of(v, PT_LOAD, addr);

	return header && header->p_flags & PF_R &&
	       size <= header->p_memsz -
			       (addr - v->info->dlpi_addr - header->p_vaddr);
}

static bool is_writable(uintptr_t addr)
{
	/* Wakes one waiter of an address that nobody waits for. */
	const long arg[6] = { (long)addr,
			      FUTEX_WAKE_OP | FUTEX_PRIVATE_FLAG,
			      0,
			      0,
			      (long)(addr),
			      FUTEX_OP(FUTEX_OP_ADD, 0, FUTEX_OP_CMP_LT, 0) };

	return processor_syscall6(SYS_futex, arg) >= 0;
}

/* Gives whether the word was still `from`: who binds it now may be first. */
static bool exchange(uintptr_t *slot, uintptr_t from, uintptr_t to)
{
	/* Release: a thread that calls the wrapper finds the agent ready. */
	return __atomic_compare_exchange_n(slot, &from, to, false,
					   __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

static void close_page(struct view *v)
{
	if (v->opened)
		processor_syscall(SYS_mprotect, (long)v->page, PAGE, PROT_READ,
				  0);
	v->opened = false;
	v->page = 0;
}

/* Slots lie side by side: a page is asked for once. */
static bool open_page(struct view *v, uintptr_t addr)
{
	uintptr_t page = addr & ~(uintptr_t)(PAGE - 1);

	if (v->page == page)
		return v->writable;
	close_page(v);
	v->page = page;
	v->writable = is_writable(addr);
	/* Read-only for another reason than the loader's: not ours to open. */
	if (!v->writable && segment_of(v, PT_GNU_RELRO, addr))
		v->writable = v->opened =
			!processor_syscall(SYS_mprotect, (long)page, PAGE,
					   PROT_READ | PROT_WRITE, 0);
	return v->writable;
}

static void set(struct view *v, uintptr_t *slot, uintptr_t from, uintptr_t to)
{
	if (open_page(v, (uintptr_t)slot) && exchange(slot, from, to))
		v->pass->count.done++;
	else
		v->pass->count.missed++;
}

/* Does the word still lead to the loader, which binds it at the first call? */
static bool is_unbound(const struct view *v, const ElfW(Rela) * r,
		       const ElfW(Sym) * symbol, uintptr_t value,
		       const struct attach_hook *hook)
{
	const ElfW(Phdr) *header = segment_of(v, PT_LOAD, value);

	if (ELF64_R_TYPE(r->r_info) != PROCESSOR_RELOC_JUMP_SLOT || !header ||
	    !(header->p_flags & PF_X))
		return false;
	/* What it defines itself may be what it was bound to. */
	return symbol->st_shndx == SHN_UNDEF ||
	       segment_of(v, PT_LOAD, hook->original);
}

static void look_at(struct view *v, const ElfW(Rela) * r,
		    const ElfW(Sym) * symbol, const struct attach_hook *hook)
{
	uintptr_t *slot = (uintptr_t *)(v->info->dlpi_addr + r->r_offset);
	uintptr_t value;

	if ((uintptr_t)slot % sizeof(*slot) || !holds(v, slot, sizeof(*slot)))
		return;
	value = __atomic_load_n(slot, __ATOMIC_RELAXED);
	if (!v->pass->put_in) {
		if (value == hook->wrapper)
			set(v, slot, value, hook->original);
	} else if (value == hook->original ||
		   is_unbound(v, r, symbol, value, hook)) {
		set(v, slot, value, hook->wrapper);
	}
}

static bool binds_function(const ElfW(Rela) * r)
{
	switch (ELF64_R_TYPE(r->r_info)) {
	case PROCESSOR_RELOC_JUMP_SLOT:
	case PROCESSOR_RELOC_GLOB_DAT:
		return true;
	case PROCESSOR_RELOC_64:
		return !r->r_addend;
	default:
		return false;
	}
}

static void go_through(struct view *v, const ElfW(Rela) * list, size_t size)
{
	size_t count = size / sizeof(*list);

	if (!list || !holds(v, list, size))
		return;
	for (size_t i = 0; i < count; i++) {
		size_t number = ELF64_R_SYM(list[i].r_info);
		/* May lead anywhere, so it is no pointer yet. */
		uintptr_t at =
			(uintptr_t)v->symbols + number * sizeof(ElfW(Sym));
		const ElfW(Sym) *symbol = (const ElfW(Sym) *)at;
		const struct attach_hook *hook;

		if (!number || !binds_function(&list[i]) ||
		    !holds(v, symbol, sizeof(*symbol)) ||
		    symbol->st_name >= v->strings_size)
			continue;
		hook = attach_hook_find(v->strings + symbol->st_name);
		if (hook)
			look_at(v, &list[i], symbol, hook);
	}
}

/* The loader has made most of these addresses; some modules it may not. */
static uintptr_t address(const struct view *v, uintptr_t value)
{
	return value < v->low ? value + v->info->dlpi_addr : value;
}

/* To a table of what is aligned; NULL when it is not. */
static const void *table(const struct view *v, uintptr_t value)
{
	uintptr_t addr = address(v, value);

	return addr % sizeof(uintptr_t) ? NULL : (const void *)addr;
}

static void read_entry(struct view *v, const ElfW(Dyn) * entry)
{
	switch (entry->d_tag) {
	case DT_RELA:
		v->rela = table(v, entry->d_un.d_ptr);
		break;
	case DT_RELASZ:
		v->rela_size = entry->d_un.d_val;
		break;
	case DT_JMPREL:
		v->jump = table(v, entry->d_un.d_ptr);
		break;
	case DT_PLTRELSZ:
		v->jump_size = entry->d_un.d_val;
		break;
	case DT_SYMTAB:
		v->symbols = table(v, entry->d_un.d_ptr);
		break;
	case DT_STRTAB:
		v->strings = (const char *)address(v, entry->d_un.d_ptr);
		break;
	case DT_STRSZ:
		v->strings_size = entry->d_un.d_val;
		break;
	default:
		break;
	}
}

static bool read_dynamic(struct view *v)
{
	const ElfW(Dyn) *entry = NULL;
	size_t count = 0;

	v->low = UINTPTR_MAX;
	for (size_t i = 0; i < v->info->dlpi_phnum; i++) {
		const ElfW(Phdr) *header = &v->info->dlpi_phdr[i];
		uintptr_t start = v->info->dlpi_addr + header->p_vaddr;

		if (header->p_type == PT_LOAD && start < v->low)
			v->low = start;
		if (header->p_type != PT_DYNAMIC)
			continue;
		entry = (const ElfW(Dyn) *)start;
		count = header->p_memsz / sizeof(*entry);
	}
	if (!entry || (uintptr_t)entry % sizeof(uintptr_t) ||
	    !holds(v, entry, count * sizeof(*entry)))
		return false;
	for (size_t i = 0; i < count && entry[i].d_tag != DT_NULL; i++)
		read_entry(v, &entry[i]);
	return v->symbols && v->strings && v->strings_size &&
	       holds(v, v->strings, v->strings_size) &&
	       !v->strings[v->strings_size - 1];
}

static int visit(struct dl_phdr_info *info, size_t size, void *context)
{
	struct pass *pass = context;
	struct view v = { .pass = pass, .info = info };

	(void)size;
	/* Asked under the loader's lock: passes come one after the other. */
	if (!pass->asked && !pass->wanted())
		return 1;
	pass->asked = true;
	/* Our own calls go to the originals. */
	if (segment_of(&v, PT_LOAD, (uintptr_t)visit) || !read_dynamic(&v))
		return 0;
	go_through(&v, v.rela, v.rela_size);
	go_through(&v, v.jump, v.jump_size);
	close_page(&v);
	return 0;
}

struct attach_count attach_slots(bool put_in, bool (*wanted)(void))
{
	struct pass pass = { .put_in = put_in, .wanted = wanted };

	dl_iterate_phdr(visit, &pass);
	return pass.count;
}
