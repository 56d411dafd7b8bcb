/*
 * python_code - see python_code.h.
 *
 * Design
 * ------
 * A hash table by address, in parts, each twice as large as the one before: a
 * part is never moved, so who reads needs no lock. All that is added goes to
 * the last part. One thread adds at a time (local.codes_busy); who finds
 * another at it does without a number this time: nobody waits.
 *
 * A forked child has its parent's table, and the collector has told it what
 * its parent had: numbers go on from there in both.
 */
#include "preload/python_code.h"
#include "preload/python_api.h"
#include "preload/record.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>

enum {
	PARTS = 10,
	FIRST_BITS = 11, /* places of the first part: 32 KiB */
	PART_BYTES = 4096, /* of what one record tells */
	GONE = 1, /* in place of an address */
	SOURCES = 2 + RING_CODE_TEXTS,
};

/* In a place's number: the collector has been told. */
#define TOLD (1U << 31)

struct place {
	_Atomic uintptr_t code; /* 0 free, ends a search; or GONE */
	_Atomic uint32_t number;
	uint32_t pad;
};

struct codes {
	struct place place[(1U << (FIRST_BITS + PARTS)) - (1U << FIRST_BITS)];
};

static const struct python_table *table;
static struct codes *codes;
static _Atomic uint32_t parts; /* in use */
static _Atomic uint32_t numbers; /* given */
static uint32_t taken; /* places of the last part that were ever used */
static void (*dealloc_next)(void *code);

_Atomic uint32_t python_code_generation;

/* One told of at a time: only who holds codes_busy. */
static union {
	struct ring_code_part head;
	uint8_t bytes[PART_BYTES];
} payload;

struct source {
	const void *data;
	size_t size;
};

static struct place *part_of(uint32_t part)
{
	return &codes->place[(1U << (FIRST_BITS + part)) - (1U << FIRST_BITS)];
}

static uint32_t place_of(uint32_t part, uintptr_t code)
{
	uint64_t hash = code * 0x9e3779b97f4a7c15ULL;

	return (uint32_t)(hash >> (64 - FIRST_BITS - part));
}

static struct place *find_in(uint32_t part, uintptr_t code)
{
	uint32_t mask = (1U << (FIRST_BITS + part)) - 1;
	struct place *first = part_of(part);

	for (uint32_t i = place_of(part, code);; i++) {
		struct place *p = &first[i & mask];
		/* Acquire: the number is there. */
		uintptr_t has =
			atomic_load_explicit(&p->code, memory_order_acquire);

		if (has == code)
			return p;
		if (!has)
			return NULL;
	}
}

static struct place *find(uintptr_t code)
{
	uint32_t n = atomic_load_explicit(&parts, memory_order_acquire);

	while (n) {
		struct place *p = find_in(--n, code);

		if (p)
			return p;
	}
	return NULL;
}

/* A place for it, half of the last part being free; NULL no room is left. */
static struct place *free_place(uintptr_t code)
{
	uint32_t n = atomic_load_explicit(&parts, memory_order_relaxed);
	uint32_t mask;

	if (!n || taken >= 1U << (FIRST_BITS + n - 2)) {
		if (n == PARTS)
			return NULL;
		taken = 0;
		/* Release: what it was before is not of this part. */
		atomic_store_explicit(&parts, ++n, memory_order_release);
	}
	mask = (1U << (FIRST_BITS + n - 1)) - 1;
	for (uint32_t i = place_of(n - 1, code);; i++) {
		struct place *p = &part_of(n - 1)[i & mask];
		uintptr_t has =
			atomic_load_explicit(&p->code, memory_order_relaxed);

		if (has > GONE)
			continue;
		taken += !has;
		return p;
	}
}

static struct place *add(uintptr_t code)
{
	uint32_t number = atomic_load_explicit(&numbers, memory_order_relaxed);
	struct place *p = number < RING_CODES ? free_place(code) : NULL;

	if (!p)
		return NULL;
	atomic_store_explicit(&numbers, number + 1, memory_order_relaxed);
	atomic_store_explicit(&p->number, number, memory_order_relaxed);
	/* Release: as find_in(). */
	atomic_store_explicit(&p->code, code, memory_order_release);
	return p;
}

static uint32_t field(uintptr_t code, uint16_t offset)
{
	return offset ? *(const uint32_t *)(code + offset) : 0;
}

static struct python_text text_of(uintptr_t code, uint16_t offset)
{
	return python_table_text(
		table, offset ? *(const uintptr_t *)(code + offset) : 0);
}

/* What there is to tell, in order; gives its size. */
static size_t gather(uintptr_t code, struct ring_code *head,
		     struct source source[SOURCES])
{
	const uint16_t texts[RING_CODE_TEXTS] = { table->code.file,
						  table->code.name,
						  table->code.qualname };
	uintptr_t lines = *(const uintptr_t *)(code + table->code.lines);
	size_t size = sizeof(*head);

	head->form = table->form;
	head->first_line = (int32_t)field(code, table->code.first_line);
	head->first_traceable = field(code, table->code.traceable);
	source[0] = (struct source){ head, sizeof(*head) };
	for (int i = 0; i < RING_CODE_TEXTS; i++) {
		struct python_text text = text_of(code, texts[i]);

		head->text[i].count = text.count;
		head->text[i].width = text.data ? text.width : 1;
		source[1 + i] =
			(struct source){ text.data,
					 (size_t)text.count * text.width };
		size += source[1 + i].size;
	}
	head->lines = *(const uint32_t *)(lines + PYTHON_BYTES_SIZE);
	source[SOURCES - 1] =
		(struct source){ (const void *)(lines + PYTHON_BYTES_DATA),
				 head->lines };
	return size + head->lines;
}

/* Copy bytes `at` and on of all sources; gives how many. */
static size_t copy(uint8_t *to, size_t room, const struct source *source,
		   size_t at)
{
	size_t done = 0;

	for (int i = 0; i < SOURCES && done < room; i++) {
		size_t n;

		if (at >= source[i].size) {
			at -= source[i].size;
			continue;
		}
		n = source[i].size - at;
		if (n > room - done)
			n = room - done;
		memcpy(to + done, (const uint8_t *)source[i].data + at, n);
		done += n;
		at = 0;
	}
	return done;
}

/* What is too large keeps its names, without its lines. */
static void tell(struct thread *t, uint32_t number, uintptr_t code)
{
	struct source source[SOURCES];
	struct ring_code head;
	size_t size = gather(code, &head, source);

	if (size > RING_CODE_BYTES) {
		size -= head.lines;
		head.lines = 0;
		source[SOURCES - 1].size = 0;
	}
	if (size > RING_CODE_BYTES)
		return;
	for (size_t at = 0; at < size;) {
		size_t n = copy(payload.bytes + sizeof(payload.head),
				sizeof(payload) - sizeof(payload.head), source,
				at);

		payload.head = (struct ring_code_part){
			.number = number,
			.at = (uint32_t)at,
			.size = (uint32_t)size,
		};
		record_payload(t, RING_NOTE, RING_NOTE_CODE, payload.bytes,
			       sizeof(payload.head) + n);
		at += n;
	}
}

static bool hold(void)
{
	/* Acquire and release: the table is as its last holder left it. */
	return !atomic_exchange_explicit(&agent.local->codes_busy, 1,
					 memory_order_acquire);
}

static void let_go(void)
{
	atomic_store_explicit(&agent.local->codes_busy, 0,
			      memory_order_release);
}

/* What is being freed already is not: its address may be another's soon. */
static bool is_live_code(uintptr_t code)
{
	return *(const void *const *)(code + PYTHON_TYPE) ==
		       python_api.PyCode_Type &&
	       *(const int64_t *)code > 0;
}

static __attribute__((noinline)) uint32_t
number_anew(struct thread *t, uintptr_t code, bool *later)
{
	uint32_t number = RING_CODE_UNKNOWN;
	uint64_t lost;
	struct place *p;

	if (!codes || !is_live_code(code))
		return number;
	*later = !hold();
	if (*later)
		return number;
	p = find(code);
	if (!p)
		p = add(code);
	if (p) {
		number =
			atomic_load_explicit(&p->number, memory_order_relaxed) &
			~TOLD;
		lost = atomic_load_explicit(&t->slot->lost,
					    memory_order_relaxed);
		tell(t, number, code);
		/* Release: who finds it told, is later than what told it. */
		if (lost ==
		    atomic_load_explicit(&t->slot->lost, memory_order_relaxed))
			atomic_store_explicit(&p->number, number | TOLD,
					      memory_order_release);
	}
	let_go();
	return number;
}

uint32_t python_code_number(struct thread *t, uintptr_t code, bool *later)
{
	struct place *p = find(code);
	/* Acquire: pairs with number_anew(). */
	uint32_t number =
		p ? atomic_load_explicit(&p->number, memory_order_acquire) : 0;

	if (__builtin_expect(number & TOLD, 1))
		return number & ~TOLD;
	return number_anew(t, code, later);
}

static void forget(void *code)
{
	struct place *p = find((uintptr_t)code);

	if (p) {
		atomic_store_explicit(&p->code, GONE, memory_order_relaxed);
		/* Release: who sees it change does not find the place. */
		atomic_fetch_add_explicit(&python_code_generation, 1,
					  memory_order_release);
	}
	dealloc_next(code);
}

void python_code_watch(void)
{
	char *type = python_api.PyCode_Type;
	void (*function)(void *) = forget;

	if (dealloc_next)
		return;
	memcpy(&dealloc_next, type + PYTHON_TYPE_DEALLOC, sizeof(function));
	memcpy(type + PYTHON_TYPE_DEALLOC, &function, sizeof(function));
}

bool python_code_start(const struct python_table *of)
{
	const long arg[6] = { 0,
			      sizeof(*codes),
			      PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
			      -1,
			      0 };
	long map;

	table = of;
	if (codes)
		return true;
	map = processor_syscall6(SYS_mmap, arg);
	if (map < 0 && map > -4096)
		return false;
	processor_syscall(SYS_madvise, map, sizeof(*codes), MADV_NOHUGEPAGE, 0);
	processor_syscall(SYS_madvise, map, sizeof(*codes), MADV_DONTDUMP, 0);
	codes = (struct codes *)map;
	return true;
}

void python_code_restart(void)
{
	if (codes)
		processor_syscall(SYS_madvise, (long)codes, sizeof(*codes),
				  MADV_DONTNEED, 0);
	taken = 0;
	atomic_store_explicit(&parts, 0, memory_order_relaxed);
	atomic_fetch_add_explicit(&python_code_generation, 1,
				  memory_order_release);
}

void python_code_forget(void)
{
	dealloc_next = NULL;
	python_code_restart();
}
