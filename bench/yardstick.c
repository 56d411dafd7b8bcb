/*
 * yardstick - the least that a profiler costs which unwinds with libunwind.
 *
 * Stands in for the allocation functions, takes the stack of each allocation
 * with unw_backtrace(), and throws it away: no record, no lock, no file, no
 * collector. What a tool that works this way adds comes on top. libunwind is
 * set up as such tools do it for speed: a cache for each thread, large enough.
 *
 * Not a profiler and not installed: bench/run preloads it.
 */
#define UNW_LOCAL_ONLY
#include <dlfcn.h>
#include <errno.h>
#include <libunwind.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
	DEPTH = 64, /* frames; more are cut, as other tools do */
	CACHE = 1024,
	EARLY = 1 << 16, /* bytes for what dlsym() itself allocates */
};

static struct {
	void *(*malloc)(size_t);
	void *(*calloc)(size_t, size_t);
	void *(*realloc)(void *, size_t);
	void *(*memalign)(size_t, size_t);
	void *(*valloc)(size_t);
	void *(*pvalloc)(size_t);
	void *(*aligned_alloc)(size_t, size_t);
	int (*posix_memalign)(void **, size_t, size_t);
	void (*free)(void *);
} next;

static _Thread_local __attribute__((tls_model("initial-exec"))) bool busy;

static _Alignas(16) char early[EARLY];
static size_t early_used;

static bool is_early(const void *block)
{
	return (uintptr_t)block - (uintptr_t)early < EARLY;
}

static size_t early_left(const void *block)
{
	return EARLY - (size_t)((const char *)block - early);
}

static void *early_alloc(size_t size)
{
	size_t at = early_used;

	if (size > EARLY - at)
		return NULL;
	early_used = (at + size + 15) & ~(size_t)15;
	return early + at;
}

static void *find(const char *name)
{
	return dlsym(RTLD_NEXT, name);
}

static bool is_ready(void)
{
	static bool finding;

	if (next.free)
		return true;
	if (finding)
		return false;
	finding = true;
	*(void **)&next.malloc = find("malloc");
	*(void **)&next.calloc = find("calloc");
	*(void **)&next.realloc = find("realloc");
	*(void **)&next.memalign = find("memalign");
	*(void **)&next.valloc = find("valloc");
	*(void **)&next.pvalloc = find("pvalloc");
	*(void **)&next.aligned_alloc = find("aligned_alloc");
	*(void **)&next.posix_memalign = find("posix_memalign");
	unw_set_caching_policy(unw_local_addr_space, UNW_CACHE_PER_THREAD);
	unw_set_cache_size(unw_local_addr_space, CACHE, 0);
	*(void **)&next.free = find("free");
	return true;
}

static void capture(void)
{
	void *frames[DEPTH];
	int saved = errno;

	if (busy)
		return;
	busy = true;
	unw_backtrace(frames, DEPTH);
	__asm__ volatile("" : : "r"(frames) : "memory");
	busy = false;
	errno = saved;
}

void *malloc(size_t size)
{
	if (!is_ready())
		return early_alloc(size);
	capture();
	return next.malloc(size);
}

void *calloc(size_t count, size_t size)
{
	if (!is_ready())
		return early_alloc(count * size);
	capture();
	return next.calloc(count, size);
}

void *realloc(void *block, size_t size)
{
	void *copy;

	if (!is_ready())
		return NULL;
	capture();
	if (!is_early(block))
		return next.realloc(block, size);
	copy = next.malloc(size);
	if (copy)
		memcpy(copy, block,
		       size < early_left(block) ? size : early_left(block));
	return copy;
}

void *reallocarray(void *block, size_t count, size_t size)
{
	size_t bytes;

	if (!__builtin_mul_overflow(count, size, &bytes))
		return realloc(block, bytes);
	errno = ENOMEM;
	return NULL;
}

void *memalign(size_t alignment, size_t size)
{
	if (!is_ready())
		return NULL;
	capture();
	return next.memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	if (!is_ready())
		return NULL;
	capture();
	return next.aligned_alloc(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
	if (!is_ready())
		return ENOMEM;
	capture();
	return next.posix_memalign(block, alignment, size);
}

void *valloc(size_t size)
{
	if (!is_ready())
		return NULL;
	capture();
	return next.valloc(size);
}

void *pvalloc(size_t size)
{
	if (!is_ready())
		return NULL;
	capture();
	return next.pvalloc(size);
}

void free(void *block)
{
	if (!is_early(block) && is_ready())
		next.free(block);
}
