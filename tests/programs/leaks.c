/*
 * The only pointer to a block of 1000 bytes lies where the argument says. What
 * that makes of it is in the table: blocks that are lost definitely,
 * indirectly, possibly, and reachable. Without an argument the table is
 * printed.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#define NOINLINE __attribute__((noinline))

enum { SIZE = 1000 };

static char *bss[4];
static char *data[4] = { (char *)1 };
static _Thread_local char *local[4];
static char **memory; /* one more place, made by a mode */
static uintptr_t hidden[4];
static int ready[2];

static NOINLINE char *take(void)
{
	return memset(malloc(SIZE), 0, SIZE);
}

static NOINLINE void put(char **where)
{
	*where = take();
}

/* What is below on the stack, and in registers, is no pointer any more. */
static NOINLINE void scrub(void)
{
	volatile char space[16384];

	memset((char *)space, 0, sizeof(space));
	__asm__ volatile(""
			 :
			 : "r"(space)
			 : "rbx", "r12", "r13", "r14", "r15", "memory");
}

static void *map(int protection, int flags, int fd)
{
	return mmap(NULL, 8192, protection, flags, fd, 0);
}

static void in_none(void)
{
	free(malloc(SIZE));
	take();
}
static void in_bss(void)
{
	put(bss);
}
static void in_data(void)
{
	put(data);
}
static void in_static(void)
{
	static char *one;
	put(&one);
}
static void in_tls(void)
{
	put(local);
}
static void in_interior_mid(void)
{
	bss[0] = take() + 500;
}
static void in_interior_last(void)
{
	bss[0] = take() + 992;
}
static void in_interior_end(void)
{
	bss[0] = take() + SIZE;
}
static void in_tagged_low(void)
{
	bss[0] = take() + 1;
}
static void in_tagged_high(void)
{
	hidden[0] = (uintptr_t)take() | (uintptr_t)0x5a << 56;
}
static void in_xor(void)
{
	hidden[0] = (uintptr_t)take() ^ 0x5a5a5a5a;
}
static void in_unaligned(void)
{
	static struct {
		char pad;
		char *p;
	} __attribute__((packed)) odd;

	odd.p = take();
}
static void in_half(void)
{
	static struct {
		uint32_t low;
		uint64_t pad;
		uint32_t high;
	} split;
	uintptr_t p = (uintptr_t)take();

	split.low = (uint32_t)p;
	split.high = (uint32_t)(p >> 32);
}
static void in_freed_block(void)
{
	char **holder = malloc(64);

	holder[4] = take();
	free(holder);
}
static void in_self(void)
{
	char **p = (char **)take();

	p[3] = (char *)p;
}
static void in_cycle(void)
{
	char **a = (char **)take(), **b = (char **)take();

	a[0] = (char *)b;
	b[0] = (char *)a;
}
static void in_cycle_held(void)
{
	char **a = (char **)take(), **b = (char **)take();

	a[0] = (char *)b;
	b[0] = (char *)a;
	bss[0] = (char *)b;
}
static void in_list(void)
{
	for (int i = 0; i < 10; i++) {
		char **p = (char **)take();

		p[0] = bss[0];
		bss[0] = (char *)p;
	}
}
static void in_list_lost(void)
{
	in_list();
	bss[0] = NULL;
}
static void in_list_reversed(void)
{
	char **last = NULL, **p;

	for (int i = 0; i < 10; i++) {
		p = (char **)take();
		if (last)
			last[1] = (char *)p;
		else
			bss[0] = (char *)p;
		last = p;
	}
	bss[0] = NULL;
}
static void in_tree_lost(void)
{
	char **root = (char **)take();

	for (int i = 0; i < 4; i++)
		root[i] = take();
}
static void in_two_trees(void)
{
	char **a = (char **)take(), **b = (char **)take();

	a[0] = b[0] = take();
}
static void in_chain(void)
{
	char **p = (char **)take();

	p[5] = take();
	bss[0] = (char *)p;
}
static void in_chain_interior(void)
{
	char **p = (char **)take();

	p[5] = take();
	bss[0] = (char *)p + 8 * 50;
}
static void in_chain_both(void)
{
	in_chain_interior();
	bss[1] = bss[0] - 8 * 50;
}
static void in_heap_block(void)
{
	memory = malloc(64);
	put(memory + 3);
}
static void in_large_block(void)
{
	memory = malloc(1 << 20);
	put(memory + 70000);
}
static void in_large_block_lost(void)
{
	in_large_block();
	memory = NULL;
}
static void in_large_freed(void)
{
	in_large_block();
	free(memory);
}
static void in_calloc(void)
{
	memory = calloc(8, 8);
	put(memory + 7);
}
static void in_aligned(void)
{
	memory = aligned_alloc(4096, 8192);
	put(memory + 1023);
}
static void in_realloc(void)
{
	memory = malloc(64);
	put(memory);
	memory = realloc(memory, 1 << 18);
}
static void in_realloc_chain(void)
{
	char *p = malloc(10);

	for (int i = 100; i <= SIZE; i += 100)
		p = realloc(p, (size_t)i);
	bss[0] = p;
}
static void in_realloc_lost(void)
{
	in_realloc_chain();
	bss[0] = NULL;
}
static void in_last_word(void)
{
	memory = malloc(24);
	put(memory + 2);
}
static void in_array_cookie(void)
{
	uint64_t *p = (uint64_t *)take();

	p[0] = 124; /* objects of 8 bytes */
	bss[0] = (char *)(p + 1);
}
static void in_mmap_anon(void)
{
	memory = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	put(memory + 100);
	memory = NULL;
}
static void in_mmap_shared(void)
{
	memory = map(PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1);
	put(memory + 1000);
	memory = NULL;
}
static void in_mmap_file(void)
{
	int fd = open("leaks.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (ftruncate(fd, 8192))
		_exit(3);
	memory = map(PROT_READ | PROT_WRITE, MAP_SHARED, fd);
	close(fd);
	put(memory + 1000);
	memory = NULL;
}
static void in_mmap_private_file(void)
{
	int fd = open("leaks.tmp", O_RDWR | O_CREAT | O_TRUNC, 0600);

	if (ftruncate(fd, 8192))
		_exit(3);
	memory = map(PROT_READ | PROT_WRITE, MAP_PRIVATE, fd);
	close(fd);
	put(memory + 1000);
	memory = NULL;
}
static void in_mmap_gone(void)
{
	memory = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	put(memory + 100);
	munmap(memory, 8192);
	memory = NULL;
}
static void in_mmap_sparse(void)
{
	memory = mmap(NULL, 1UL << 36, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	put(memory + (1UL << 32));
	memory = NULL;
}
static void in_prot_none(void)
{
	memory = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	put(memory + 100);
	mprotect(memory, 8192, PROT_NONE);
	memory = NULL;
}
static void in_prot_read(void)
{
	memory = map(PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1);
	put(memory + 100);
	mprotect(memory, 8192, PROT_READ);
	memory = NULL;
}
static void in_break(void)
{
	memory = sbrk(4096);
	put(memory + 100);
	memory = NULL;
}
static void in_environ(void)
{
	char *text = take();

	memset(text, 'x', SIZE - 1);
	memcpy(text, "LEAKS=", 6);
	putenv(text);
}
static void in_pthread_key(void)
{
	pthread_key_t key;

	pthread_key_create(&key, NULL);
	pthread_setspecific(key, take());
}
static void in_pthread_key_far(void)
{
	pthread_key_t key;

	for (int i = 0; i < 100; i++)
		pthread_key_create(&key, NULL);
	pthread_setspecific(key, take());
}
static void handler(void)
{
}
static void in_atexit_closed(void)
{
	take();
	atexit(handler);
}
static void in_stdio_buffer(void)
{
	setvbuf(stdout, take(), _IOFBF, SIZE);
	printf("\n");
}

static void put_in_library(const char *symbol, int keep)
{
	void *library = dlopen("./leaks-plugin.so", RTLD_NOW);
	char **(*where)(void) =
		(char **(*)(void))(uintptr_t)dlsym(library, symbol);

	put(where());
	if (!keep)
		dlclose(library);
}
static void in_dlopen_data(void)
{
	put_in_library("plugin_data", 1);
}
static void in_dlopen_tls(void)
{
	put_in_library("plugin_tls", 1);
}
static void in_dlclosed_data(void)
{
	put_in_library("plugin_data", 0);
}

static ucontext_t back, there;
static void coroutine(void)
{
	char *volatile p[4];

	p[1] = take();
	swapcontext(&there, &back);
	__asm__ volatile("" : : "r"(p) : "memory");
}
static void run_on(void *stack, size_t size)
{
	getcontext(&there);
	there.uc_stack.ss_sp = stack;
	there.uc_stack.ss_size = size;
	there.uc_link = &back;
	makecontext(&there, coroutine, 0);
	swapcontext(&back, &there);
	memset(&back, 0, sizeof(back));
}
static void in_ucontext_heap(void)
{
	memory = malloc(65536);
	run_on(memory, 65536);
}
static void in_ucontext_mmap(void)
{
	run_on(mmap(NULL, 65536, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0),
	       65536);
}

/* Threads: `ready` says that the thread is where it should be. */
static void say_ready(void)
{
	if (write(ready[1], "", 1) != 1)
		_exit(3);
}
static void start(void *(*run)(void *), int join)
{
	pthread_t thread;
	char byte;

	if (pipe(ready) || pthread_create(&thread, NULL, run, NULL) ||
	    read(ready[0], &byte, 1) != 1)
		_exit(3);
	if (join)
		pthread_join(thread, NULL);
}
static void *on_stack(void *arg)
{
	char *volatile p[4];

	p[1] = take();
	scrub();
	say_ready();
	pause();
	__asm__ volatile("" : : "r"(p) : "memory");
	return arg;
}
static void *on_ended_stack(void *arg)
{
	char *volatile p[4];

	p[1] = take();
	__asm__ volatile("" : : "r"(p) : "memory");
	say_ready();
	return arg;
}
static void *in_local(void *arg)
{
	put(local);
	say_ready();
	pause();
	return arg;
}
static void *in_local_ended(void *arg)
{
	put(local);
	say_ready();
	return arg;
}
static void *spin_with_register(void *arg)
{
	char *p = take();
	static volatile char go[1];

	say_ready();
	__asm__ volatile("xor %%ebx, %%ebx\n"
			 "mov %0, %%r12\n"
			 "xor %%eax, %%eax\n"
			 "1: cmpb $0, %1\n"
			 "je 1b\n"
			 :
			 : "a"(p), "m"(go[0])
			 : "rbx", "r12", "memory");
	return arg;
}
static void in_thread_stack(void)
{
	start(on_stack, 0);
}
static void in_ended_stack(void)
{
	start(on_ended_stack, 1);
}
static void in_thread_tls(void)
{
	start(in_local, 0);
}
static void in_ended_tls(void)
{
	start(in_local_ended, 1);
}
static void in_spinning_register(void)
{
	start(spin_with_register, 0);
}

/* Ways out, with the pointer where only the way out decides. */
static NOINLINE void leave_by(void (*way)(int), int keep)
{
	char *volatile p[4];

	p[1] = take();
	if (!keep)
		p[1] = NULL;
	scrub();
	way(0);
	__asm__ volatile("" : : "r"(p) : "memory");
}
static void abort_now(int status)
{
	(void)status;
	abort();
}
static void in_stack_exit(void)
{
	leave_by(exit, 1);
}
static void in_stack__exit(void)
{
	leave_by(_exit, 1);
}
static void in_stack_quick_exit(void)
{
	leave_by(quick_exit, 1);
}
static void in_stack_abort(void)
{
	leave_by(abort_now, 1);
}
static void lost_exit(void)
{
	leave_by(exit, 0);
}
static void lost__exit(void)
{
	leave_by(_exit, 0);
}
static void lost_quick_exit(void)
{
	leave_by(quick_exit, 0);
}
static void lost_abort(void)
{
	leave_by(abort_now, 0);
}
static void freed_by_atexit(void)
{
	free(bss[0]);
}
static void in_atexit(void)
{
	put(bss);
	atexit(freed_by_atexit);
}
static void in_register(void)
{
	register char *p __asm__("rbx") = take();

	__asm__ volatile("" : "+r"(p));
	scrub();
	__asm__ volatile("xor %%edi, %%edi\n call exit@plt" : : "r"(p));
}

static const struct mode {
	const char *name;
	void (*run)(void);
	int definite, indirect, possible, reachable;
} modes[] = {
	{ "none", in_none, 1, 0, 0, 0 },
	{ "bss", in_bss, 0, 0, 0, 1 },
	{ "data", in_data, 0, 0, 0, 1 },
	{ "static", in_static, 0, 0, 0, 1 },
	{ "tls", in_tls, 0, 0, 0, 1 },
	{ "interior_mid", in_interior_mid, 0, 0, 1, 0 },
	{ "interior_last", in_interior_last, 0, 0, 1, 0 },
	{ "interior_end", in_interior_end, 1, 0, 0, 0 },
	{ "tagged_low", in_tagged_low, 0, 0, 1, 0 },
	{ "tagged_high", in_tagged_high, 1, 0, 0, 0 },
	{ "xor", in_xor, 1, 0, 0, 0 },
	{ "unaligned", in_unaligned, 1, 0, 0, 0 },
	{ "half", in_half, 1, 0, 0, 0 },
	{ "freed_block", in_freed_block, 1, 0, 0, 0 },
	{ "self", in_self, 1, 0, 0, 0 },
	{ "cycle", in_cycle, 1, 1, 0, 0 },
	{ "cycle_held", in_cycle_held, 0, 0, 0, 2 },
	{ "list", in_list, 0, 0, 0, 10 },
	{ "list_lost", in_list_lost, 1, 9, 0, 0 },
	{ "list_reversed", in_list_reversed, 1, 9, 0, 0 },
	{ "tree_lost", in_tree_lost, 1, 4, 0, 0 },
	{ "two_trees", in_two_trees, 2, 1, 0, 0 },
	{ "chain", in_chain, 0, 0, 0, 2 },
	{ "chain_interior", in_chain_interior, 0, 0, 2, 0 },
	{ "chain_both", in_chain_both, 0, 0, 0, 2 },
	{ "heap_block", in_heap_block, 0, 0, 0, 1 },
	{ "large_block", in_large_block, 0, 0, 0, 1 },
	{ "large_block_lost", in_large_block_lost, 0, 1, 0, 0 },
	{ "large_freed", in_large_freed, 1, 0, 0, 0 },
	{ "calloc", in_calloc, 0, 0, 0, 1 },
	{ "aligned", in_aligned, 0, 0, 0, 1 },
	{ "realloc", in_realloc, 0, 0, 0, 1 },
	{ "realloc_chain", in_realloc_chain, 0, 0, 0, 1 },
	{ "realloc_lost", in_realloc_lost, 1, 0, 0, 0 },
	{ "last_word", in_last_word, 0, 0, 0, 1 },
	{ "array_cookie", in_array_cookie, 0, 0, 0, 1 },
	{ "mmap_anon", in_mmap_anon, 0, 0, 0, 1 },
	{ "mmap_shared", in_mmap_shared, 0, 0, 0, 1 },
	{ "mmap_file", in_mmap_file, 0, 0, 0, 1 },
	{ "mmap_private_file", in_mmap_private_file, 0, 0, 0, 1 },
	{ "mmap_gone", in_mmap_gone, 1, 0, 0, 0 },
	{ "mmap_sparse", in_mmap_sparse, 0, 0, 0, 1 },
	{ "prot_none", in_prot_none, 0, 0, 0, 1 },
	{ "prot_read", in_prot_read, 0, 0, 0, 1 },
	{ "break", in_break, 0, 0, 0, 1 },
	{ "environ", in_environ, 0, 0, 0, 1 },
	{ "pthread_key", in_pthread_key, 0, 0, 0, 1 },
	{ "pthread_key_far", in_pthread_key_far, 0, 0, 0, 1 },
	{ "atexit", in_atexit_closed, 1, 0, 0, 0 },
	{ "stdio_buffer", in_stdio_buffer, 0, 0, 0, 1 },
	{ "dlopen_data", in_dlopen_data, 0, 0, 0, 1 },
	{ "dlopen_tls", in_dlopen_tls, 0, 0, 0, 1 },
	{ "dlclosed_data", in_dlclosed_data, 1, 0, 0, 0 },
	{ "ucontext_heap", in_ucontext_heap, 0, 0, 0, 1 },
	{ "ucontext_mmap", in_ucontext_mmap, 0, 0, 0, 1 },
	{ "ended_stack", in_ended_stack, 1, 0, 0, 0 },
	{ "ended_tls", in_ended_tls, 1, 0, 0, 0 },
	{ "stack_exit", in_stack_exit, 0, 0, 0, 1 },
	{ "stack__exit", in_stack__exit, 0, 0, 0, 1 },
	{ "stack_quick_exit", in_stack_quick_exit, 0, 0, 0, 1 },
	{ "stack_abort", in_stack_abort, 0, 0, 0, 1 },
	{ "lost_exit", lost_exit, 1, 0, 0, 0 },
	{ "lost__exit", lost__exit, 1, 0, 0, 0 },
	{ "lost_quick_exit", lost_quick_exit, 1, 0, 0, 0 },
	{ "lost_abort", lost_abort, 1, 0, 0, 0 },
	{ "freed_by_atexit", in_atexit, 0, 0, 0, 1 },
	{ "register", in_register, 0, 0, 0, 1 },
	{ "thread_stack", in_thread_stack, 0, 0, 0, 1 },
	{ "thread_tls", in_thread_tls, 0, 0, 0, 1 },
	{ "thread_register", in_spinning_register, 0, 0, 0, 1 },
};

int main(int argc, char **argv)
{
	for (size_t i = 0; i < sizeof(modes) / sizeof(*modes); i++) {
		const struct mode *m = &modes[i];

		if (argc < 2) {
			printf("%s %d %d %d %d\n", m->name, m->definite,
			       m->indirect, m->possible, m->reachable);
		} else if (!strcmp(argv[1], m->name)) {
			m->run();
			scrub();
		}
	}
	return 0;
}
