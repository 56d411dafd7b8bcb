/*
 * attach_hooks - the functions that have wrappers, by name.
 *
 * All that the agent exports for the loader to find; and dlsym(), whose wrapper
 * is only needed where new modules have to be looked for.
 */
#include "preload/attach.h"
#include "preload/next.h"

#include <dlfcn.h>
#include <link.h>
#include <string.h>

static const char *const names[] = {
	"malloc",
	"calloc",
	"realloc",
	"reallocarray",
	"free",
	"cfree",
	"free_sized",
	"free_aligned_sized",
	"aligned_alloc",
	"posix_memalign",
	"memalign",
	"valloc",
	"pvalloc",
	"_ZdaPv",
	"_ZdaPvRKSt9nothrow_t",
	"_ZdaPvSt11align_val_t",
	"_ZdaPvSt11align_val_tRKSt9nothrow_t",
	"_ZdaPvm",
	"_ZdaPvmSt11align_val_t",
	"_ZdlPv",
	"_ZdlPvRKSt9nothrow_t",
	"_ZdlPvSt11align_val_t",
	"_ZdlPvSt11align_val_tRKSt9nothrow_t",
	"_ZdlPvm",
	"_ZdlPvmSt11align_val_t",
	"_Znam",
	"_ZnamRKSt9nothrow_t",
	"_ZnamSt11align_val_t",
	"_ZnamSt11align_val_tRKSt9nothrow_t",
	"_Znwm",
	"_ZnwmRKSt9nothrow_t",
	"_ZnwmSt11align_val_t",
	"_ZnwmSt11align_val_tRKSt9nothrow_t",
	"brk",
	"mmap",
	"mmap64",
	"mremap",
	"munmap",
	"sbrk",
	"syscall",
	"fork",
	"_Fork",
	"mlockall",
	"dlclose",
	"dlmopen",
	"dlopen",
	"prctl",
	"pthread_create",
	"pthread_setname_np",
	"wait",
	"wait3",
	"wait4",
	"waitid",
	"waitpid",
	"execl",
	"execle",
	"execlp",
	"execv",
	"execve",
	"execveat",
	"execvp",
	"execvpe",
	"fexecve",
	"popen",
	"posix_spawn",
	"posix_spawnp",
	"system",
	"dlsym",
};

extern const char attach_dlsym[] __attribute__((visibility("hidden")));

enum {
	COUNT = sizeof(names) / sizeof(*names),
	TABLE = 256, /* places, a power of two, few of them taken */
};

static struct attach_hook hooks[COUNT];
static uint8_t table[TABLE]; /* index + 1, by hash of the name */

static size_t hash(const char *name)
{
	uint32_t value = 2166136261;

	for (; *name; name++)
		value = (value ^ (uint8_t)*name) * 16777619;
	return (value ^ value >> 15) % TABLE;
}

/* Our own link map, as a handle: what is looked up there is ours. */
static void *own_handle(void)
{
	struct dl_find_object found;

	if (_dl_find_object((void *)(uintptr_t)own_handle, &found) != 0)
		return NULL;
	return found.dlfo_link_map;
}

void attach_hooks_start(void)
{
	void *own = own_handle();

	memset(table, 0, sizeof(table));
	for (size_t i = 0; own && i < COUNT; i++) {
		struct attach_hook *hook = &hooks[i];
		size_t at = hash(names[i]);

		hook->name = names[i];
		hook->original = (uintptr_t)next_find(names[i]);
		hook->wrapper = (uintptr_t)dlsym(own, names[i]);
		if (i == COUNT - 1)
			hook->wrapper = (uintptr_t)attach_dlsym;
		while (table[at])
			at = (at + 1) % TABLE;
		table[at] = (uint8_t)(i + 1);
	}
	/* What was not there is no error of the program's. */
	dlerror();
}

const struct attach_hook *attach_hook_find(const char *name)
{
	for (size_t at = hash(name); table[at]; at = (at + 1) % TABLE) {
		const struct attach_hook *hook = &hooks[table[at] - 1];

		if (!strcmp(hook->name, name))
			return hook->original ? hook : NULL;
	}
	return NULL;
}
