/*
 * next - see next.h.
 */
#include "preload/next.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "preload/python_symbols.h"

enum {
	BOOTSTRAP_BYTES = 65536,
};

struct next next;

_Atomic int next_state;

static bool late;

static struct {
	_Alignas(64) char bytes[BOOTSTRAP_BYTES];
	_Atomic size_t used;
} bootstrap;

void *next_bootstrap(size_t size, size_t align)
{
	size_t used =
		atomic_load_explicit(&bootstrap.used, memory_order_relaxed);
	size_t at;

	if (align < 16)
		align = 16;
	do {
		at = (used + align - 1) & ~(align - 1);
		if (at > BOOTSTRAP_BYTES || size > BOOTSTRAP_BYTES - at)
			return NULL;
	} while (!atomic_compare_exchange_weak_explicit(
		&bootstrap.used, &used, at + size, memory_order_relaxed,
		memory_order_relaxed));
	return bootstrap.bytes + at;
}

bool next_is_bootstrap(const void *p)
{
	return (const char *)p >= bootstrap.bytes &&
	       (const char *)p < bootstrap.bytes + BOOTSTRAP_BYTES;
}

bool next_is_late(void)
{
	return late;
}

/* Does the program itself, and no library, have the first malloc? */
static bool is_in_program(void *function)
{
	struct dl_find_object found;

	return function && !_dl_find_object(function, &found) &&
	       found.dlfo_link_map == _r_debug.r_map;
}

/*
 * A program that is not position independent, and takes a function's address,
 * has a stub of that name, which calls who defines it. Its symbol says that it
 * does not.
 */
static bool is_stub(const void *function)
{
	const ElfW(Sym) *symbol = NULL;
	Dl_info info;

	return dladdr1(function, &info, (void **)&symbol, RTLD_DL_SYMENT) &&
	       symbol && symbol->st_shndx == SHN_UNDEF;
}

/* Whom the program's stub of that name calls; the loader would not say. */
static void *find_behind_stub(const char *name)
{
	const struct link_map *own = NULL;
	struct dl_find_object found;
	void *function = NULL;

	if (!_dl_find_object((void *)(uintptr_t)find_behind_stub, &found))
		own = found.dlfo_link_map;
	for (const struct link_map *m = _r_debug.r_map->l_next; m && !function;
	     m = m->l_next) {
		if (m != own)
			function = python_symbols_find(m, name);
	}
	return function;
}

/*
 * Who was loaded late comes last in no scope but its own, and RTLD_NEXT has no
 * meaning there: behind it is what the program finds. A link map is a handle;
 * to open the program for one would allocate. A stub will not do: to attach is
 * to change what it calls.
 */
void *next_find(const char *name)
{
	void *function;

	if (!late)
		return dlsym(RTLD_NEXT, name);
	function = dlsym(_r_debug.r_map, name);
	return is_in_program(function) && is_stub(function)
		       ? find_behind_stub(name)
		       : function;
}

bool next_is_bypassed(void)
{
	if (late)
		return is_in_program((void *)(uintptr_t)next.malloc);
	/* RTLD_DEFAULT would begin with us, who were linked -Bsymbolic, and to
	 * open the program would allocate: its handle is its link map. */
	void *first = dlsym(_r_debug.r_map, "malloc");
	struct dl_find_object found, own;

	return first && !is_stub(first) && !_dl_find_object(first, &found) &&
	       !_dl_find_object((void *)(uintptr_t)next_is_bypassed, &own) &&
	       found.dlfo_map_start != own.dlfo_map_start;
}

/* The member of struct next at `offset` is a pointer to the function. */
static void resolve(size_t offset, const char *name)
{
	void *function = next_find(name);

	memcpy((char *)&next + offset, &function, sizeof(function));
}

#define RESOLVE(name) resolve(offsetof(struct next, name), #name)

/* Where dlsym() is, which was in libdl once: then nobody is known to be. */
static bool is_of_libc(void *function)
{
	struct dl_find_object found, libc;

	return !function ||
	       (!_dl_find_object(function, &found) &&
		!_dl_find_object((void *)(uintptr_t)dlsym, &libc) &&
		found.dlfo_map_start == libc.dlfo_map_start);
}

/* Those before `free_sized`: what glibc does not have is no matter. */
static bool is_all_of_libc(void)
{
	void *function[offsetof(struct next, free_sized) / sizeof(void *)];

	memcpy(function, &next, sizeof(function));
	for (size_t i = 0; i < sizeof(function) / sizeof(*function); i++)
		if (!is_of_libc(function[i]))
			return false;
	return true;
}

static void resolve_allocator(void)
{
	RESOLVE(malloc);
	RESOLVE(free);
	RESOLVE(calloc);
	RESOLVE(realloc);
	RESOLVE(memalign);
	RESOLVE(aligned_alloc);
	RESOLVE(posix_memalign);
	RESOLVE(valloc);
	RESOLVE(pvalloc);
	RESOLVE(free_sized);
	RESOLVE(free_aligned_sized);
	next.comes_back = !is_all_of_libc();
}

static void resolve_libc(void)
{
	RESOLVE(mmap);
	RESOLVE(munmap);
	RESOLVE(mremap);
	RESOLVE(brk);
	RESOLVE(sbrk);
	RESOLVE(mlockall);
	RESOLVE(dlopen);
	RESOLVE(dlmopen);
	RESOLVE(dlclose);
	RESOLVE(dlsym);
	RESOLVE(pthread_create);
	RESOLVE(pthread_setname_np);
	RESOLVE(prctl);
	RESOLVE(syscall);
	RESOLVE(fork);
	RESOLVE(_Fork);
	RESOLVE(wait);
	RESOLVE(waitpid);
	RESOLVE(wait3);
	RESOLVE(wait4);
	RESOLVE(waitid);
	RESOLVE(execve);
	RESOLVE(execvpe);
	RESOLVE(fexecve);
	RESOLVE(execveat);
	RESOLVE(posix_spawn);
	RESOLVE(posix_spawnp);
	RESOLVE(system);
	RESOLVE(popen);
	RESOLVE(exit);
	RESOLVE(_exit);
	RESOLVE(quick_exit);
	RESOLVE(abort);
}

void next_unrecorded(void (*call)(void))
{
	atomic_store_explicit(&next_state, 1, memory_order_relaxed);
	call();
	/* Release: as in next_resolve(). */
	atomic_store_explicit(&next_state, 2, memory_order_release);
}

void next_resolve(void)
{
	int unknown = 0;

	if (!atomic_compare_exchange_strong_explicit(&next_state, &unknown, 1,
						     memory_order_relaxed,
						     memory_order_relaxed))
		return;
	late = !dlsym(_r_debug.r_map, "memprof_attach");
	resolve_allocator();
	resolve_libc();
	interpose_new_start();
	/* What was not there is no error of the program's. */
	dlerror();
	/* Release: pairs with next_is_ready(). */
	atomic_store_explicit(&next_state, 2, memory_order_release);
}
