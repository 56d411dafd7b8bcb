/*
 * objects - blocks of Python are told by their types, and arenas by their pools.
 *
 * The process that is looked at is this one, in whose memory stand types and
 * objects as an interpreter lays them out.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "trace/cursor.h"
#include "trace/objects.h"

enum {
	WORDS = 24, /* of a type */
	NAME = 3,
	FLAGS = 21,
	ARENA = 1 << 20,
	POOL = 1 << 14,
	BLOCKS = 6,
	SITES = 8,
};

#define GC (1UL << 14)
#define MANAGED_DICT (1UL << 4)
#define TYPE_SUBCLASS (1UL << 31)

static uint64_t types[4][WORDS]; /* type, Meta, Plain, Tracked */
static uint64_t memory[BLOCKS][8] __attribute__((aligned(16)));

static uint64_t address(const void *p)
{
	return (uintptr_t)p;
}

static void set_type(uint64_t *t, const uint64_t *of, const char *name,
		     uint64_t flags)
{
	t[0] = 1;
	t[1] = address(of);
	t[NAME] = address(name);
	t[FLAGS] = flags;
}

static void set_types(void)
{
	set_type(types[0], types[0], "type", TYPE_SUBCLASS | GC);
	set_type(types[1], types[0], "Meta", TYPE_SUBCLASS | GC);
	set_type(types[2], types[0], "Plain", 0);
	set_type(types[3], types[1], "Tracked", GC | MANAGED_DICT);
}

static void set_object(uint64_t *at, uint64_t references, const uint64_t *type)
{
	at[0] = references;
	at[1] = address(type);
}

static struct heap heap_of(uint64_t *addr, uint64_t *size, uint32_t *site,
			   size_t count)
{
	return (struct heap){
		.addr = addr, .size = size, .site = site, .count = count
	};
}

static void check_object(const struct model_objects *o, size_t at,
			 uint32_t site, const char *type, uint64_t sole)
{
	const struct model_object *e = &o->objects[at];

	assert_int_equal(e->site, site);
	assert_int_equal(e->sole, sole);
	if (type)
		assert_string_equal(o->types[e->type].name, type);
	else
		assert_int_equal(e->type, MODEL_NO_TYPE);
}

/* What is written is what is read. */
static void check_file(const struct model_objects *o)
{
	struct column c[OBJECTS_COLUMNS] = { 0 }, payload = { 0 };
	struct objects all = { 0 };
	uint64_t budget = 1 << 20;

	objects_put(o, c);
	columns_pack(c, OBJECTS_COLUMNS, &payload);
	assert_true(objects_read(&all, payload.bytes, payload.size, &budget));
	assert_int_equal(all.list[0].object_count, o->object_count);
	assert_int_equal(all.list[0].arena_bytes, o->arena_bytes);
	assert_int_equal(all.list[0].pin_count, o->pin_count);
	for (size_t i = 0; i < o->object_count; i++)
		assert_memory_equal(&all.list[0].objects[i], &o->objects[i],
				    sizeof(*o->objects));
	for (size_t cut = 0; cut < payload.size; cut++) {
		struct objects none = { 0 };

		objects_read(&none, payload.bytes, cut, &budget);
		objects_release(&none);
	}
	objects_release(&all);
	columns_release(c, OBJECTS_COLUMNS);
	column_release(&payload);
}

/*
 * An object may begin at three places of its block; an instance of a class is
 * no type, and a word that looks like one does not make an object.
 */
static void test_types(void **state)
{
	uint64_t addr[BLOCKS], size[BLOCKS];
	uint32_t site[BLOCKS] = { 1, 1, 2, 3, 4, 5 };
	struct heap heap = heap_of(addr, size, site, BLOCKS);
	struct mappings none = { 0 };
	struct peek peek;
	struct objects_task task = { .heap = &heap,
				     .mappings = &none,
				     .peek = &peek,
				     .version = 0x030c0000,
				     .site_count = SITES };
	struct model_objects o = { 0 };

	(void)state;
	set_types();
	for (size_t i = 0; i < BLOCKS; i++) {
		addr[i] = address(memory[i]);
		size[i] = sizeof(memory[i]);
	}
	set_object(memory[0], 1, types[2]);
	set_object(memory[1], 2, types[2]);
	set_object(&memory[2][4], 1, types[3]);
	/* Tracked objects do not begin with their type. */
	set_object(memory[3], 1, types[3]);
	/* Its type would be an object. */
	set_object(memory[4], 1, memory[0]);
	/* A pointer is no number of references. */
	set_object(memory[5], address(memory), types[2]);
	peek_open(&peek, getpid());
	objects_find(&task, &o);
	peek_close(&peek);
	assert_int_equal(o.object_count, 5);
	check_object(&o, 0, 1, "Plain", 1);
	assert_int_equal(o.objects[0].blocks, 2);
	assert_int_equal(o.objects[0].bytes, 2 * sizeof(memory[0]));
	check_object(&o, 1, 2, "Tracked", 1);
	check_object(&o, 2, 3, NULL, 0);
	check_object(&o, 3, 4, NULL, 0);
	check_object(&o, 4, 5, NULL, 0);
	assert_int_equal(o.arenas, 0);
	check_file(&o);
	objects_release_one(&o);
}

static void set_pool(char *at, uint32_t class, uint32_t blocks)
{
	uint32_t head[12] = { blocks };

	head[9] = class;
	memcpy(at, head, sizeof(head));
}

/* Two pools of an arena are in use, and each block pins its share of it. */
static void test_arenas(void **state)
{
	char *arena = mmap(NULL, 2 * ARENA, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	uint64_t start = (address(arena) + POOL - 1) & ~(uint64_t)(POOL - 1);
	uint64_t addr[] = { start + 48, start + POOL + 48, start + POOL + 80,
			    start + POOL + 112 };
	uint64_t size[] = { 500, 30, 30, 30 };
	uint32_t site[] = { 2, 3, 3, 3 };
	struct heap heap = heap_of(addr, size, site, 4);
	struct mappings m = { 0 };
	struct peek peek;
	struct objects_task task = { .heap = &heap,
				     .mappings = &m,
				     .peek = &peek,
				     .version = 0x030d0000,
				     .site_count = SITES };
	struct model_objects o = { 0 };
	uint64_t used = 512 + 3 * 32;

	(void)state;
	mappings_add(&m, start, start + ARENA, 7);
	/* Of the size of an arena, but without a block. */
	mappings_add(&m, start + 4 * ARENA, start + 5 * ARENA, 7);
	set_pool(arena + (start - address(arena)), 31, 1);
	set_pool(arena + (start - address(arena)) + POOL, 1, 3);
	peek_open(&peek, getpid());
	objects_find(&task, &o);
	peek_close(&peek);
	assert_int_equal(o.arenas, 1);
	assert_int_equal(o.arena_bytes, ARENA);
	assert_int_equal(o.free_bytes, ARENA - used);
	assert_int_equal(o.free_pools, ARENA / POOL - 2);
	assert_int_equal(o.class_count, 2);
	assert_int_equal(o.classes[0].size, 32);
	assert_int_equal(o.classes[0].blocks, 3);
	assert_int_equal(o.classes[0].room, (POOL - 48) / 32);
	assert_int_equal(o.pin_count, 2);
	assert_int_equal(o.pins[0].site, 2);
	assert_int_equal(o.pins[0].bytes, (ARENA - used) / 4);
	assert_int_equal(o.pins[1].bytes, (ARENA - used) / 4 * 3);
	assert_int_equal(o.pins[1].blocks, 3);
	check_file(&o);
	objects_release_one(&o);
	mappings_release(&m);
	munmap(arena, 2 * ARENA);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_types),
		cmocka_unit_test(test_arenas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
